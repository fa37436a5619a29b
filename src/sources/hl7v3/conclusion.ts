import type { XmlElement } from './element.ts';
import type { Reading } from './reading.ts';
import type { Groups } from './record.ts';

/** What follows from an indication is one of these acts; its code is the intervention (483). */
const INTENTS = ['informIntent', 'registrationIntent', 'observationIntent', 'referral', 'actIntent'];

/** R047 with G058: the conclusion, and each indication with what is done about it. */
export function readConclusion(reading: Reading, conclusion: XmlElement, groups: Groups): void {
  if (reading.number(conclusion) !== 482) {
    reading.refuse(conclusion, 'BDS 482 as the code of the conclusion');
    return;
  }
  const text = conclusion.one('text');
  if (text) reading.put(groups.one('R047'), 482, text);
  for (const component of conclusion.all('component')) {
    const indication = component.one('indication');
    if (indication) readIndication(reading, indication, groups);
  }
  for (const subject of conclusion.all('subjectOf')) {
    const note = subject.one('annotation');
    const number = note && reading.number(note);
    if (note && number !== undefined && reading.core(number, note)) reading.refuse(note, 'BDS 493');
  }
}

function readIndication(reading: Reading, indication: XmlElement, groups: Groups): void {
  if (reading.number(indication) !== 485) {
    reading.refuse(indication, 'BDS 485 as the code of the indication');
    return;
  }
  const value = indication.one('value');
  for (const reason of indication.all('reasonOf')) {
    const group = groups.another('G058');
    const act = INTENTS.map((name) => reason.one(name)).find((one) => one !== undefined);
    if (!act) continue;
    reading.origin.set(group, act);
    reading.put(group, 485, value);
    reading.put(group, 483, act.one('code'));
    // What is still to be done, and what is said about it, has another mood than that of an event.
    act.attribute('moodCode');
    const performer = act.one('performer');
    reading.put(group, 1159, performer?.one('assignedEntity')?.one('code'));
    for (const component of act.all('component')) {
      const more = component.one('additionalObservation');
      more?.attribute('moodCode');
      const number = more && reading.number(more);
      if (more && number !== undefined && reading.core(number, more)) reading.put(group, number, more.one('value'));
    }
  }
}
