import { CATEGORIES } from '../fhir/categories.ts';
import type { Registration } from '../store/register.ts';

type Party = Omit<Registration, 'jwks'>;

const READ = ['system/*.rs'];
const TREAT = ['TREAT'];

const HOSPITAL = { id: 'ziekenhuis', ura: '90000123', name: 'Ziekenhuis Verzinstad', sector: 'hospital' };
const JGZ = { id: 'jgz', ura: '90000456', name: 'JGZ Verzinstad', sector: 'jgz' };

/** The demo network: five organisations with the clients that speak for them. All invented. */
export const PARTIES: readonly Party[] = [
  {
    id: 'hix',
    organisation: HOSPITAL,
    scopes: READ,
    sources: ['hix'],
    disciplines: ['paediatrician', 'gynaecologist', 'midwife', 'medical-social-work'],
    purposes: ['TREAT', 'BTG'],
    roles: [],
    mllp: { source: 'hix', addresses: ['127.0.0.1', '::1'], application: 'HIX', facility: 'VERZINSTAD' },
  },
  {
    id: 'kdplus',
    organisation: JGZ,
    scopes: ['system/*.rs', 'system/Patient.c', 'system/Consent.cus'],
    sources: ['kdplus'],
    disciplines: ['youth-nurse', 'youth-doctor'],
    purposes: ['TREAT', 'BTG'],
    roles: ['consent-recorder'],
  },
  {
    id: 'jgz-privacy',
    organisation: JGZ,
    scopes: ['system/AuditEvent.s'],
    sources: [],
    disciplines: [],
    purposes: [],
    roles: ['privacy-officer'],
  },
  {
    id: 'wijkteam',
    organisation: { id: 'wijkteam', name: 'Wijkteam Verzinstad', sector: 'social' },
    scopes: READ,
    sources: [],
    disciplines: ['social-domain'],
    purposes: TREAT,
    roles: [],
  },
  {
    id: 'huisarts',
    organisation: { id: 'huisarts', ura: '90000789', name: 'Huisartsenpraktijk Verzinstad', sector: 'gp' },
    scopes: READ,
    sources: [],
    disciplines: ['gp'],
    purposes: ['TREAT', 'BTG'],
    roles: [],
  },
  {
    id: 'buurtgezin',
    organisation: { id: 'buurtgezin', name: 'Buurtgezinnen Verzinstad', sector: 'informal' },
    scopes: READ,
    sources: [],
    disciplines: ['volunteer'],
    purposes: TREAT,
    roles: [],
  },
];

/** Who is sent what as soon as it comes in; the others pull. */
export const RECEIVERS = [
  { id: 'hix-inbox', organisation: 'ziekenhuis', discipline: 'paediatrician', categories: CATEGORIES },
  { id: 'kdplus-inbox', organisation: 'jgz', discipline: 'youth-nurse', categories: CATEGORIES },
  {
    id: 'huisarts-inbox',
    organisation: 'huisarts',
    discipline: 'gp',
    categories: ['consult', 'referral', 'medication'],
  },
] as const;

/** The client of the demo network that may ask as this discipline. */
export const clientFor = (discipline: string): string | undefined =>
  PARTIES.find((one) => one.disciplines.includes(discipline))?.id;
