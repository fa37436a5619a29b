import type { Change } from '../consent/change.ts';
import type { Text } from './reason-texts.ts';

/** Who it is that could change something, in the eyes of the record. */
const WHO: Readonly<Record<string, Text>> = {
  child: { nl: 'het kind zelf', en: 'the child itself' },
  patient: { nl: 'de patiënt zelf', en: 'the patient' },
  representative: { nl: 'de vertegenwoordiger', en: 'the representative' },
  other: { nl: 'iemand met gezag', en: 'someone with custody' },
  third: { nl: 'de persoon over wie het gaat', en: 'the person whom it is about' },
};

const who = ({ person, record }: { person: string; record: string }, patient: string): Text =>
  (record === patient ? (WHO[person] ?? WHO.other) : WHO.third) as Text;

/** One change in words: what would have to happen. `patient`: whose record it is about. It names nobody: the reference stands beside it, for those who may have it. */
export function changeText(change: Change, patient: string): Text {
  switch (change.change) {
    case 'permits': {
      const { nl, en } = who(change, patient);
      return change.naming.length > 0
        ? {
            nl: `Nodig is toestemming van ${nl}. Het onderwerp moet erin staan.`,
            en: `Needed is consent of ${en}. It must name the topic.`,
          }
        : { nl: `Nodig is toestemming van ${nl}.`, en: `Needed is consent of ${en}.` };
    }
    case 'objects': {
      const { nl, en } = who(change, patient);
      return { nl: `Een bezwaar van ${nl} houdt het tegen.`, en: `An objection of ${en} would stop it.` };
    }
    case 'ends': {
      const { nl, en } = who(change, patient);
      return {
        nl: `Nodig is dat ${nl} een eerder bezwaar beëindigt.`,
        en: `Needed is that ${en} ends an earlier objection.`,
      };
    }
    case 'custody-recorded':
      return change.custodial
        ? { nl: 'Leg vast dat deze persoon gezag heeft.', en: 'Record that this person has custody.' }
        : { nl: 'Leg vast dat deze persoon geen gezag heeft.', en: 'Record that this person has no custody.' };
    case 'mitz-permits':
      return { nl: 'De patiënt geeft toestemming in Mitz.', en: 'The patient consents in Mitz.' };
    case 'registers-answer':
      return { nl: 'Probeer het weer als het register werkt.', en: 'Try again when the register works.' };
    case 'relation-recorded':
      return {
        nl: 'Laat uw organisatie vastleggen als hulpverlener van dit gezin.',
        en: 'Have your organisation recorded as a care provider of this family.',
      };
    case 'reason-given':
      return { nl: 'Geef een reden bij de noodknop.', en: 'Give a reason with break-glass.' };
    case 'asks-for-one-patient':
      return { nl: 'Vraag het dossier van één patiënt op.', en: 'Ask for the record of one patient.' };
  }
}

/** Where nothing that anybody can do would turn the outcome. */
export const NO_CHANGE: Text = {
  nl: 'Geen toestemming kan dit veranderen.',
  en: 'No consent can change this.',
};
