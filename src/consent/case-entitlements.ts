import { CATEGORIES } from './labels.ts';
import type { Entitlements } from './types.ts';

type Discipline = Entitlements['disciplines'][string];

const may = (categories: string, rights: { breakGlass?: boolean; bsn?: boolean } = {}): Discipline => ({
  categories: categories.split(' '),
  breakGlass: rights.breakGlass === true,
  bsn: rights.bsn === true,
});

const ALL = [...CATEGORIES].join(' ');
const OBSTETRIC = 'naw history consult referral medication diagnostics obstetric risk';
const CLINICAL = { breakGlass: true, bsn: true };

/**
 * The entitlements that the published consent cases and `gezinspoort consent decide` assume. Not those of the product: its views are policy files, per
 * discipline and poli, and may be finer.
 */
export const CASE_ENTITLEMENTS: Entitlements = {
  disciplines: {
    'youth-nurse': may(ALL, CLINICAL),
    'youth-doctor': may(ALL, CLINICAL),
    paediatrician: may([...CATEGORIES].filter((one) => one !== 'thirdparty-consult').join(' '), CLINICAL),
    gynaecologist: may(OBSTETRIC, CLINICAL),
    midwife: may(OBSTETRIC, CLINICAL),
    gp: may('naw history consult referral medication diagnostics', CLINICAL),
    'medical-social-work': may('naw risk consult referral thirdparty-consult', { bsn: true }),
    ggz: may('naw risk consult referral medication', { bsn: true }),
    'social-domain': may('naw referral'),
    volunteer: may('naw'),
    planner: may('naw'),
  },
  sensitiveLabels: ['PSY', 'SDV', 'ETH', 'ETHUD', 'OPIOIDUD', 'HIV', 'SEX', 'CHILDPROT', 'SUD', 'MH', 'VIO'],
};
