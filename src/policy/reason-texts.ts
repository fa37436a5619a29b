/** A text for people: Dutch at B1 level and English. */
export interface Text {
  readonly nl: string;
  readonly en: string;
}

/** What a reason means to the one who asks, on what ground it stands, and what can be done. */
export interface ReasonText {
  readonly why: Text;
  /** Law, standard or setting. Which line of which view stands beside it where a view decided. */
  readonly rule: string;
  readonly way: Text;
}

const reason = (
  rule: string,
  [whyNl, whyEn]: readonly [string, string],
  [wayNl, wayEn]: readonly [string, string],
): ReasonText => ({ rule, why: { nl: whyNl, en: whyEn }, way: { nl: wayNl, en: wayEn } });

const NOTHING_TO_DO = ['U hoeft niets te doen.', 'There is nothing to do.'] as const;
const ASK_FAMILY = ['Vraag het gezin om toestemming.', 'Ask the family for consent.'] as const;
const FAMILY_DECIDES = [
  'Het gezin kan de keuze zelf veranderen. Praat erover met het gezin.',
  'The family can change its choice. Talk about it with the family.',
] as const;
const PRIVACY_OFFICER = ['Vraag het de privacy officer.', 'Ask the privacy officer.'] as const;

/** The texts of every reason that a decision can give (`consent/reasons.ts`). They name nobody and repeat no content. */
export const REASON_TEXTS: Readonly<Record<string, ReasonText>> = {
  CONSENT: reason(
    'Wabvpz 15a; BW 7:457',
    ['Iedereen die hierover beslist, geeft toestemming.', 'Everyone who decides about this gives consent.'],
    NOTHING_TO_DO,
  ),
  IMPLIED_REFERRAL: reason(
    'BW 7:457',
    [
      'Dit hoort bij een verwijzing die het gezin kent. Niemand maakt bezwaar.',
      'This belongs to a referral that the family knows of. Nobody objects.',
    ],
    NOTHING_TO_DO,
  ),
  PRESUMED_SECOND_PARENT: reason(
    'setting bothParents; BW 1:253i',
    [
      'Eén ouder geeft toestemming. De andere ouder maakt geen bezwaar.',
      'One parent gives consent. The other parent does not object.',
    ],
    NOTHING_TO_DO,
  ),
  BTG_OVERRIDE: reason(
    'setting breakGlass',
    ['U gebruikte de noodknop. Er is geen toestemming.', 'You used break-glass. There is no consent.'],
    [
      'De privacy officer kijkt dit na. Het gezin hoort ervan.',
      'The privacy officer reviews this. The family is told.',
    ],
  ),
  NO_CONSENT: reason(
    'Wabvpz 15a; BW 7:457',
    ['Er is nog geen toestemming om dit te delen.', 'There is no consent yet to share this.'],
    ASK_FAMILY,
  ),
  CONSENT_EXPIRED: reason(
    'FHIR Consent.provision.period; setting consentMaxAgeMonths',
    ['De toestemming is verlopen.', 'The consent has ended.'],
    ['Vraag het gezin om nieuwe toestemming.', 'Ask the family to consent again.'],
  ),
  CONSENT_NOT_YET_VALID: reason(
    'FHIR Consent.provision.period',
    ['De toestemming gaat later pas in.', 'The consent starts later.'],
    ['Wacht tot de toestemming ingaat.', 'Wait until the consent starts.'],
  ),
  CONSENT_WITHDRAWN: reason(
    'GDPR 7(3); Wabvpz 15a',
    ['De toestemming is ingetrokken.', 'The consent was withdrawn.'],
    FAMILY_DECIDES,
  ),
  CONSENT_NOT_ACTIVE: reason(
    'FHIR Consent.status',
    ['De toestemming is nog niet definitief.', 'The consent is not final yet.'],
    ['Vraag de JGZ om de toestemming af te ronden.', 'Ask youth health care to finish the consent.'],
  ),
  CONSENT_REFUSED: reason(
    'Wabvpz 15a; BW 7:457',
    ['Het gezin wil dit niet delen.', 'The family does not want to share this.'],
    FAMILY_DECIDES,
  ),
  POLICY_VERSION_SUPERSEDED: reason(
    'policy igp-exchange|2',
    ['De toestemming hoort bij oude afspraken.', 'The consent belongs to old agreements.'],
    ['Vraag het gezin om nieuwe toestemming.', 'Ask the family to consent again.'],
  ),
  POLICY_UNKNOWN: reason(
    'FHIR Consent.policy',
    ['De toestemming hoort bij afspraken die wij niet kennen.', 'The consent belongs to agreements we do not know.'],
    PRIVACY_OFFICER,
  ),
  UNSUPPORTED_CONSENT: reason(
    'FHIR Consent; IHE PCF',
    ['Wij kunnen deze toestemming niet goed lezen.', 'We cannot read this consent with certainty.'],
    PRIVACY_OFFICER,
  ),
  CUSTODIAN_CONSENT_MISSING: reason(
    'BW 1:245; setting bothParents',
    ['Iemand met gezag heeft nog geen toestemming gegeven.', 'Someone with custody has not consented yet.'],
    ['Vraag toestemming aan iedereen met gezag.', 'Ask everyone with custody for consent.'],
  ),
  CUSTODIAN_OBJECTION: reason(
    'BW 1:245; BW 7:457',
    ['Iemand met gezag maakt bezwaar.', 'Someone with custody objects.'],
    [
      'Praat met wie gezag heeft. Alleen wie bezwaar maakt, kan dit veranderen.',
      'Talk with those who have custody. Only the one who objects can change this.',
    ],
  ),
  CUSTODY_UNKNOWN: reason(
    'BW 1:244; BW 1:245',
    ['Wij weten niet wie het gezag heeft.', 'We do not know who has custody.'],
    ['Kijk in het gezagsregister. Geef het gezag door.', 'Look in the custody register. Pass on who has custody.'],
  ),
  PERFORMER_NOT_AUTHORISED: reason(
    'BW 1:245; BW 7:465',
    [
      'De toestemming is gegeven door iemand die hierover niet beslist.',
      'The consent was given by someone who does not decide about this.',
    ],
    ['Vraag toestemming aan wie het gezag heeft.', 'Ask those with custody for consent.'],
  ),
  CHILD_COCONSENT_MISSING: reason(
    'BW 7:450; BW 7:465; settings age12to15 and at12',
    [
      'Het kind is 12 tot en met 15 jaar. Het moet zelf ook toestemming geven.',
      'The child is 12 to 15. The child must consent too.',
    ],
    ['Vraag het kind zelf om toestemming.', 'Ask the child itself for consent.'],
  ),
  CHILD_OBJECTION: reason(
    'BW 7:450; BW 7:465; setting age12to15',
    ['Het kind is 12 tot en met 15 jaar en maakt bezwaar.', 'The child is 12 to 15 and objects.'],
    ['Praat met het kind. Het kan de keuze veranderen.', 'Talk with the child. The child can change its choice.'],
  ),
  AGE16_OWN_CONSENT_REQUIRED: reason(
    'BW 7:447',
    [
      'De patiënt is 16 jaar of ouder. De toestemming van de ouders telt niet meer.',
      'The patient is 16 or older. The consent of the parents no longer counts.',
    ],
    ['Vraag de jongere zelf om toestemming.', 'Ask the young person for consent.'],
  ),
  SUBJECT_MISMATCH: reason(
    'GDPR 9(2)(a); BW 7:457',
    ['De toestemming gaat over het dossier van iemand anders.', 'The consent is about the record of somebody else.'],
    ['Vraag toestemming voor het dossier van het kind.', 'Ask for consent for the record of the child.'],
  ),
  OTHER_PATIENT: reason(
    'BW 7:457',
    ['Dit gaat over een andere patiënt.', 'This is about another patient.'],
    ['Open daarvoor het dossier van die patiënt.', 'Open the record of that patient for it.'],
  ),
  PATIENT_DECEASED: reason(
    'BW 7:458a',
    ['De patiënt is overleden.', 'The patient has died.'],
    [
      'Inzage gaat via een andere weg. Vraag het de privacy officer.',
      'Access goes another way. Ask the privacy officer.',
    ],
  ),
  RECIPIENT_NOT_COVERED: reason(
    'Wabvpz 15a; GDPR 4(11)',
    [
      'De toestemming geldt niet voor uw organisatie of functie.',
      'The consent does not cover your organisation or discipline.',
    ],
    ['Vraag het gezin of u erbij mag.', 'Ask the family whether you may be included.'],
  ),
  ORG_OBJECTION: reason(
    'Wabvpz 15a; BW 7:457',
    ['Het gezin wil niet delen met uw organisatie.', 'The family does not want to share with your organisation.'],
    FAMILY_DECIDES,
  ),
  DISCIPLINE_OBJECTION: reason(
    'Wabvpz 15a; BW 7:457',
    ['Het gezin wil niet delen met uw functie.', 'The family does not want to share with your discipline.'],
    FAMILY_DECIDES,
  ),
  ROLE_UNKNOWN: reason(
    'NEN 7513; profiles/views',
    ['Wij kennen uw functie niet.', 'We do not know your discipline.'],
    ['Vraag uw beheerder om uw functie aan te melden.', 'Ask your administrator to register your discipline.'],
  ),
  NO_TREATMENT_RELATION: reason(
    'BW 7:457; NEN 7513',
    [
      'Uw organisatie is niet bekend als hulpverlener van dit gezin.',
      'Your organisation is not known as a care provider of this family.',
    ],
    ['Laat de JGZ uw organisatie toevoegen.', 'Have youth health care add your organisation.'],
  ),
  PURPOSE_MISMATCH: reason(
    'GDPR 5(1)(b)',
    ['De toestemming is voor een ander doel.', 'The consent is for another purpose.'],
    ['Vraag toestemming voor dit doel.', 'Ask for consent for this purpose.'],
  ),
  CATEGORY_OBJECTION: reason(
    'Wabvpz 15a; BW 7:457',
    ['Het gezin wil dit soort gegevens niet delen.', 'The family does not want to share this kind of data.'],
    FAMILY_DECIDES,
  ),
  ITEM_OBJECTION: reason(
    'Wabvpz 15a; BW 7:457',
    ['Het gezin wil juist dit gegeven niet delen.', 'The family does not want to share this very item.'],
    FAMILY_DECIDES,
  ),
  SENSITIVE_NOT_INCLUDED: reason(
    'setting sensitiveTopics; GDPR 9',
    [
      'Dit is een gevoelig onderwerp. Daarvoor is aparte toestemming nodig.',
      'This is a sensitive topic. It needs a consent of its own.',
    ],
    ['Vraag toestemming voor dit onderwerp.', 'Ask for consent for this topic.'],
  ),
  OUTSIDE_DATA_PERIOD: reason(
    'FHIR Consent.provision.dataPeriod',
    ['De toestemming geldt niet voor deze datum.', 'The consent does not cover this date.'],
    ['Vraag toestemming voor deze periode.', 'Ask for consent for this period.'],
  ),
  LABEL_MISSING: reason(
    'design: one category for each item',
    ['Dit gegeven heeft geen bekende soort.', 'This item has no known category.'],
    ['Meld het aan de beheerder.', 'Tell the administrator.'],
  ),
  VIEW_NOT_ENTITLED: reason(
    'GDPR 5(1)(c); IGP guide chapter 7',
    [
      'Uw functie heeft dit niet nodig. Daarom krijgt u het niet.',
      'Your discipline does not need this. So you do not get it.',
    ],
    [
      'Heeft u het toch nodig? Bel de collega die het weet, met toestemming van het gezin.',
      'Do you need it after all? Call the colleague who knows, with the consent of the family.',
    ],
  ),
  THIRD_PARTY_REDACTED: reason(
    'BW 7:457; setting motherForNewborn',
    [
      'Hier staat iets over iemand anders. Die persoon gaf geen toestemming.',
      'This tells something about somebody else. That person did not consent.',
    ],
    ['Vraag het aan die persoon zelf.', 'Ask that person.'],
  ),
  PROTECTED_ADDRESS: reason(
    'Wet BRP 2.59',
    ['Het adres is geheim.', 'The address is protected.'],
    ['Maak contact via de JGZ.', 'Make contact through youth health care.'],
  ),
  BSN_NOT_ENTITLED: reason(
    'UAVG 46; Wabvpz 4-9',
    ['Uw organisatie mag het BSN niet krijgen.', 'Your organisation may not receive the BSN.'],
    ['Gebruik het nummer dat wij u geven.', 'Use the number that we give you.'],
  ),
  LEGAL_DUTY_ROUTE: reason(
    'Wmo 2015 5.2.6; BW 1:240; Jeugdwet 7.3.11',
    ['Een melding volgens de wet gaat niet via deze weg.', 'A report under a legal duty does not go this way.'],
    ['Volg de meldcode van uw organisatie.', 'Follow the reporting code of your organisation.'],
  ),
  REGISTRY_UNAVAILABLE: reason(
    'setting registerDown',
    ['Wij kunnen nu niet nakijken of er toestemming is.', 'We cannot check now whether there is consent.'],
    ['Probeer het later nog eens.', 'Try again later.'],
  ),
  MITZ_DENY: reason(
    'setting mitzDenyWins; Mitz',
    ['In Mitz staat dat de patiënt dit niet wil.', 'Mitz says that the patient does not want this.'],
    ['De patiënt kan dit veranderen op mijnmitz.nl.', 'The patient can change this at mijnmitz.nl.'],
  ),
  MITZ_INACTIVE_IS_REFUSAL: reason(
    'setting mitzDenyWins; Mitz',
    ['In Mitz is de toestemming uitgezet.', 'The consent is switched off in Mitz.'],
    ['De patiënt kan dit veranderen op mijnmitz.nl.', 'The patient can change this at mijnmitz.nl.'],
  ),
  BTG_NO_REASON: reason(
    'setting breakGlass',
    ['Bij de noodknop hoort een reden.', 'Break-glass needs a reason.'],
    ['Geef een reden en probeer het weer.', 'Give a reason and try again.'],
  ),
  BTG_NOT_ENTITLED: reason(
    'setting breakGlass; profiles/views',
    ['Uw functie mag de noodknop niet gebruiken.', 'Your discipline may not break the glass.'],
    ['Bel een arts die het gezin kent.', 'Call a doctor who knows the family.'],
  ),
  BTG_NOT_AVAILABLE: reason(
    'setting breakGlass',
    ['De noodknop is er voor één patiënt tegelijk.', 'Break-glass is for one patient at a time.'],
    ['Open eerst het dossier van deze patiënt.', 'Open the record of this patient first.'],
  ),
};

/** The texts of every reason for which a view gives nothing of an item (`views/types.ts`, WithheldReason), and of what it narrows. */
export const VIEW_TEXTS: Readonly<Record<string, ReasonText>> = {
  whole: reason(
    'IGP guide chapter 7',
    ['U krijgt dit gegeven helemaal.', 'You get this item as a whole.'],
    NOTHING_TO_DO,
  ),
  reduced: reason(
    'GDPR 5(1)(c)',
    [
      'U krijgt van dit gegeven alleen wat uw functie nodig heeft.',
      'Of this item you get only what your discipline needs.',
    ],
    ['Heeft u meer nodig? Vraag het aan wie het vastlegde.', 'Do you need more? Ask the one who recorded it.'],
  ),
  'not-in-view': reason(
    'GDPR 5(1)(c)',
    ['Uw functie heeft dit onderdeel niet nodig.', 'Your discipline does not need this part.'],
    [
      'Heeft u het toch nodig? Vraag het aan wie het vastlegde.',
      'Do you need it after all? Ask the one who recorded it.',
    ],
  ),
  'label-missing': reason(
    'design: one category for each item',
    ['Dit gegeven heeft geen bekende soort.', 'This item has no known category.'],
    ['Meld het aan de beheerder.', 'Tell the administrator.'],
  ),
  'category-not-in-view': reason(
    'GDPR 5(1)(c); IGP guide chapter 7',
    ['Uw functie heeft dit soort gegevens niet nodig.', 'Your discipline does not need this kind of data.'],
    [
      'Heeft u het toch nodig? Bel de collega die het weet, met toestemming van het gezin.',
      'Do you need it after all? Call the colleague who knows, with the consent of the family.',
    ],
  ),
  'type-not-in-view': reason(
    'GDPR 5(1)(c)',
    ['Uw functie krijgt gegevens niet in deze vorm.', 'Your discipline does not get data of this form.'],
    PRIVACY_OFFICER,
  ),
  'code-not-in-view': reason(
    'GDPR 5(1)(c)',
    [
      'Uw functie krijgt alleen enkele onderwerpen van deze soort.',
      'Your discipline gets only some topics of this kind.',
    ],
    PRIVACY_OFFICER,
  ),
  'label-never-shared': reason(
    'Wmo 2015 5.2.6; meldcode',
    ['Dit wordt nooit via deze weg gedeeld.', 'This is never shared this way.'],
    ['Volg de meldcode van uw organisatie.', 'Follow the reporting code of your organisation.'],
  ),
  'sensitive-not-in-view': reason(
    'GDPR 9; GDPR 5(1)(c)',
    ['Uw functie krijgt geen gevoelige gegevens.', 'Your discipline gets no sensitive data.'],
    PRIVACY_OFFICER,
  ),
  'modifier-not-understood': reason(
    'FHIR R4 modifierExtension',
    ['Wij kunnen dit gegeven niet goed lezen.', 'We cannot read this item with certainty.'],
    ['Meld het aan de beheerder.', 'Tell the administrator.'],
  ),
  'no-redaction-rule': reason(
    'BW 7:457',
    [
      'Dit gaat over iemand anders. Wij kunnen dat deel er niet veilig uit halen.',
      'This is about somebody else. We cannot take that part out safely.',
    ],
    ['Vraag het aan die persoon zelf.', 'Ask that person.'],
  ),
  'nothing-left': reason(
    'GDPR 5(1)(c)',
    ['Van dit gegeven blijft niets over dat u mag zien.', 'Nothing is left of this item that you may see.'],
    PRIVACY_OFFICER,
  ),
};

/** The kinds of nothing, and what is said where the kind itself would tell too much. */
export const NOTHING_TEXTS = {
  'not-recorded': reason(
    'no item of this kind is in the gateway',
    ['Hierover is niets vastgelegd en gedeeld.', 'Nothing about this was recorded and shared.'],
    ['Vraag het aan het gezin of aan de collega.', 'Ask the family or the colleague.'],
  ),
  'not-exchanged': reason(
    'exchange: not kept, because nobody might get it',
    [
      'Dit is wel aangeboden, maar niet bewaard. Niemand mocht het toen krijgen.',
      'This was offered but not kept. Nobody was allowed to get it then.',
    ],
    [
      'Is er nu toestemming? Vraag de afzender om het opnieuw te sturen.',
      'Is there consent now? Ask the sender to send it again.',
    ],
  ),
  'not-permitted': reason(
    'see the reasons',
    ['Dit is er wel, maar u mag het niet zien.', 'This exists, but you may not see it.'],
    ['Lees bij de redenen wat u kunt doen.', 'Read with the reasons what you can do.'],
  ),
  'on-its-way': reason(
    'delivery: queued',
    ['Dit is nog onderweg naar uw systeem.', 'This is still on its way to your system.'],
    ['Wacht even, of haal het hier zelf op.', 'Wait a while, or fetch it here yourself.'],
  ),
  'not-asked': reason(
    'the question',
    ['Hier vroeg u in deze vraag niet om.', 'You did not ask for this in this question.'],
    ['U kunt het apart opvragen.', 'You can ask for it separately.'],
  ),
  'not-told': reason(
    'setting tellWithheld',
    [
      'U krijgt hierover niets. Misschien is er niets vastgelegd. Misschien mag u het niet zien. Wij zeggen niet welke van de twee.',
      'You get nothing about this. Perhaps nothing is recorded. Perhaps you may not see it. We do not say which of the two.',
    ],
    ['Vraag het aan het gezin. De privacy officer weet waarom.', 'Ask the family. The privacy officer knows why.'],
  ),
} as const satisfies Record<string, ReasonText>;

/** What a redaction leaves out, by its reason in the decision. */
export const REDACTION_REASONS: Readonly<Record<string, string>> = {
  'third-party': 'THIRD_PARTY_REDACTED',
  address: 'PROTECTED_ADDRESS',
  bsn: 'BSN_NOT_ENTITLED',
};

export type NothingKind = keyof typeof NOTHING_TEXTS;
