/**
 * The catalogue of everything the gateway may answer besides success. One entry is one meaning: HTTP status, FHIR issue type, HL7 v2
 * acknowledgement and whether sending the same again can help, with a sentence for the person who reads it. Texts never hold data.
 */
export interface Problem {
  readonly status: number;
  /** FHIR R4 IssueType (value set issue-type). */
  readonly issue:
    | 'invalid'
    | 'structure'
    | 'required'
    | 'value'
    | 'code-invalid'
    | 'business-rule'
    | 'login'
    | 'forbidden'
    | 'not-found'
    | 'not-supported'
    | 'duplicate'
    | 'conflict'
    | 'too-long'
    | 'transient'
    | 'throttled'
    | 'exception';
  /** `permanent`: the same message will be refused again; `transient`: send it again later; `after-consent`: send it again once the family has consented. */
  readonly retry: 'permanent' | 'transient' | 'after-consent';
  readonly en: string;
  readonly nl: string;
}

const permanent = 'permanent' as const;

export const PROBLEMS = {
  'json-invalid': {
    status: 400,
    issue: 'structure',
    retry: permanent,
    en: 'The body is not acceptable JSON (encoding, depth, duplicate or forbidden names).',
    nl: 'De inhoud is geen bruikbare JSON (codering, diepte, dubbele of verboden namen).',
  },
  'hl7-invalid': {
    status: 400,
    issue: 'structure',
    retry: permanent,
    en: 'The HL7 v2 message cannot be read at this place.',
    nl: 'Het HL7 v2-bericht is op deze plaats niet te lezen.',
  },
  'version-unsupported': {
    status: 400,
    issue: 'not-supported',
    retry: permanent,
    en: 'This version of the standard is not read here.',
    nl: 'Deze versie van de standaard wordt hier niet gelezen.',
  },
  'xml-invalid': {
    status: 400,
    issue: 'structure',
    retry: permanent,
    en: 'The XML message cannot be read at this place.',
    nl: 'Het XML-bericht is op deze plaats niet te lezen.',
  },
  'message-type-unknown': {
    status: 400,
    issue: 'not-supported',
    retry: permanent,
    en: 'No mapping is configured for this message type of this source.',
    nl: 'Voor dit berichttype van dit bronsysteem is geen vertaling ingericht.',
  },
  'message-id-missing': {
    status: 400,
    issue: 'required',
    retry: permanent,
    en: 'The message has no id of its own: send an Idempotency-Key (1 to 64 letters, digits, dots, colons, dashes or underscores).',
    nl: 'Het bericht heeft geen eigen nummer: stuur een Idempotency-Key mee (1 tot 64 letters, cijfers, punten, dubbele punten, streepjes).',
  },
  'too-large': {
    status: 413,
    issue: 'too-long',
    retry: permanent,
    en: 'The message is larger than 5 MB.',
    nl: 'Het bericht is groter dan 5 MB.',
  },
  'content-type-unknown': {
    status: 415,
    issue: 'not-supported',
    retry: permanent,
    en: 'This content type is not accepted here.',
    nl: 'Dit inhoudstype wordt hier niet aangenomen.',
  },
  'source-unknown': {
    status: 404,
    issue: 'not-found',
    retry: permanent,
    en: 'There is no source system of this name.',
    nl: 'Er is geen bronsysteem met deze naam.',
  },
  'schema-invalid': {
    status: 422,
    issue: 'value',
    retry: permanent,
    en: 'This value is not what the format of the source asks for.',
    nl: 'Deze waarde is niet wat het formaat van het bronsysteem vraagt.',
  },
  'mapping-failed': {
    status: 422,
    issue: 'value',
    retry: permanent,
    en: 'This value cannot be mapped to FHIR without guessing.',
    nl: 'Deze waarde kan niet zonder gokken naar FHIR worden vertaald.',
  },
  'output-unknown': {
    status: 404,
    issue: 'not-found',
    retry: permanent,
    en: 'This system has no output of this name.',
    nl: 'Dit systeem heeft geen uitvoer met deze naam.',
  },
  'output-failed': {
    status: 422,
    issue: 'value',
    retry: permanent,
    en: 'This value does not fit the format of the receiver; it is not rounded, cut or guessed.',
    nl: 'Deze waarde past niet in het formaat van de ontvanger; er wordt niet afgerond, ingekort of gegokt.',
  },
  'output-unexplained': {
    status: 422,
    issue: 'not-supported',
    retry: permanent,
    en: 'The format of the receiver has no place for this, and no list of known losses says why.',
    nl: 'Het formaat van de ontvanger heeft hier geen plaats voor, en geen lijst van bekende verliezen zegt waarom.',
  },
  'fhir-invalid': {
    status: 422,
    issue: 'invalid',
    retry: permanent,
    en: 'The resource is not valid FHIR R4 or does not fit its profile at this place.',
    nl: 'De resource is op deze plaats geen geldige FHIR R4 of past niet in het profiel.',
  },
  'bundle-not-understood': {
    status: 422,
    issue: 'not-supported',
    retry: permanent,
    en: 'This part of the Bundle is not understood by the gateway, so nothing of it was taken.',
    nl: 'Dit deel van de Bundle begrijpt de poort niet; er is daarom niets van overgenomen.',
  },
  'reference-unresolved': {
    status: 422,
    issue: 'business-rule',
    retry: permanent,
    en: 'This reference names nothing in the message: send the resource along, or name it by an identifier.',
    nl: 'Deze verwijzing wijst niets in het bericht aan: stuur de resource mee of noem een identificatie.',
  },
  'label-missing': {
    status: 422,
    issue: 'code-invalid',
    retry: permanent,
    en: 'No data category is known for this content; it cannot be shared.',
    nl: 'Voor deze inhoud is geen gegevenscategorie bekend; zij kan niet worden gedeeld.',
  },
  'fact-twice': {
    status: 422,
    issue: 'duplicate',
    retry: permanent,
    en: 'The message states the same fact twice under one identifier.',
    nl: 'Het bericht noemt hetzelfde gegeven twee keer onder één nummer.',
  },
  'bsn-invalid': {
    status: 422,
    issue: 'value',
    retry: permanent,
    en: 'The BSN does not pass the 11-test.',
    nl: 'Het BSN voldoet niet aan de elfproef.',
  },
  'identity-missing': {
    status: 422,
    issue: 'required',
    retry: permanent,
    en: 'The message names no patient by BSN.',
    nl: 'Het bericht noemt geen patiënt met BSN.',
  },
  'identity-conflict': {
    status: 422,
    issue: 'business-rule',
    retry: permanent,
    en: 'BSN and birth date do not belong together; check both at the source.',
    nl: 'BSN en geboortedatum horen niet bij elkaar; controleer beide in het bronsysteem.',
  },
  'merge-conflict': {
    status: 409,
    issue: 'conflict',
    retry: permanent,
    en: 'The numbers of this merge do not belong to one patient here; nothing was merged. Check both records at the source.',
    nl: 'De nummers van deze samenvoeging horen hier niet bij één patiënt; er is niets samengevoegd. Controleer beide dossiers in het bronsysteem.',
  },
  'date-in-future': {
    status: 422,
    issue: 'value',
    retry: permanent,
    en: 'This moment lies too far in the future to be meant.',
    nl: 'Dit tijdstip ligt te ver in de toekomst om bedoeld te zijn.',
  },
  'sender-mismatch': {
    status: 403,
    issue: 'forbidden',
    retry: permanent,
    en: 'The sender named in the message is not the organisation that sends it.',
    nl: 'De afzender in het bericht is niet de organisatie die het verstuurt.',
  },
  'message-conflict': {
    status: 409,
    issue: 'conflict',
    retry: permanent,
    en: 'This message id was used before with other content.',
    nl: 'Dit berichtnummer is al gebruikt met een andere inhoud.',
  },
  'version-conflict': {
    status: 412,
    issue: 'conflict',
    retry: permanent,
    en: 'The resource was changed since you read it; read it again.',
    nl: 'De resource is intussen gewijzigd; lees haar opnieuw.',
  },
  'if-match-missing': {
    status: 428,
    issue: 'required',
    retry: permanent,
    en: 'Send If-Match with the version you read.',
    nl: 'Stuur If-Match mee met de versie die u las.',
  },
  'no-consent': {
    status: 403,
    issue: 'forbidden',
    retry: 'after-consent',
    en: 'Nobody may receive this: there is no valid consent for this exchange. Nothing of the content was kept.',
    nl: 'Niemand mag dit ontvangen: er is geen geldige toestemming voor deze uitwisseling. Van de inhoud is niets bewaard.',
  },
  'consent-not-understood': {
    status: 422,
    issue: 'business-rule',
    retry: permanent,
    en: 'This form of Consent is not understood by the gateway, so it is not recorded.',
    nl: 'Deze vorm van toestemming begrijpt de poort niet; zij is daarom niet vastgelegd.',
  },
  'consent-ended': {
    status: 409,
    issue: 'conflict',
    retry: permanent,
    en: 'This consent was ended; a new permission is a new Consent.',
    nl: 'Deze toestemming is beëindigd; een nieuwe toestemming is een nieuwe Consent.',
  },
  'review-incomplete': {
    status: 422,
    issue: 'required',
    retry: permanent,
    en: 'A review is closed with an outcome of its kind and a reason (why); a break-glass also with the day on which the patient was told (informed), or why not (notInformed).',
    nl: 'Een beoordeling wordt afgesloten met een uitkomst en een reden (why); een noodknop ook met de dag waarop de patiënt is ingelicht (informed), of waarom niet (notInformed).',
  },
  'review-closed': {
    status: 409,
    issue: 'conflict',
    retry: permanent,
    en: 'This review was closed before; what was judged stays as it is.',
    nl: 'Deze beoordeling is al afgesloten; het oordeel blijft zoals het is.',
  },
  'paper-incomplete': {
    status: 422,
    issue: 'required',
    retry: permanent,
    en: 'A form needs its version (masterIdentifier) and language; a signature says who signed, when, and with which means, for one Consent.',
    nl: 'Een formulier heeft zijn versie (masterIdentifier) en taal nodig; een handtekening zegt wie tekende, wanneer en waarmee, voor één Consent.',
  },
  'token-missing': {
    status: 401,
    issue: 'login',
    retry: permanent,
    en: 'Send an access token of this gateway.',
    nl: 'Stuur een toegangstoken van deze poort mee.',
  },
  'token-invalid': {
    status: 401,
    issue: 'login',
    retry: permanent,
    en: 'This access token does not count here (any more): ask a new one.',
    nl: 'Dit toegangstoken geldt hier niet (meer): vraag een nieuw token aan.',
  },
  'not-allowed': {
    status: 403,
    issue: 'forbidden',
    retry: permanent,
    en: 'This client is not registered for this action.',
    nl: 'Deze client is hiervoor niet geregistreerd.',
  },
  'asker-incomplete': {
    status: 403,
    issue: 'forbidden',
    retry: permanent,
    en: 'The token names no discipline or no purpose of use.',
    nl: 'Het token noemt geen functie of geen doel.',
  },
  'not-found': {
    status: 404,
    issue: 'not-found',
    retry: permanent,
    en: 'There is nothing here that may be shown.',
    nl: 'Hier is niets dat getoond mag worden.',
  },
  'bsn-in-url': {
    status: 400,
    issue: 'business-rule',
    retry: permanent,
    en: 'A BSN may not stand in a URL: use POST /fhir/Patient/_search.',
    nl: 'Een BSN hoort niet in een URL: gebruik POST /fhir/Patient/_search.',
  },
  'search-unsupported': {
    status: 400,
    issue: 'not-supported',
    retry: permanent,
    en: 'This search parameter is not supported; nothing was searched.',
    nl: 'Deze zoekparameter wordt niet ondersteund; er is niet gezocht.',
  },
  'exit-unsupported': {
    status: 501,
    issue: 'not-supported',
    retry: permanent,
    en: 'The gateway has no such way out: everything that leaves is asked per family, or for your own families with GET /fhir/$changes.',
    nl: 'Deze uitgang heeft de poort niet: alles wordt per gezin opgevraagd, of voor uw eigen gezinnen met GET /fhir/$changes.',
  },
  'batch-reads-only': {
    status: 422,
    issue: 'not-supported',
    retry: permanent,
    en: 'A batch holds reads and searches (GET) only; send what is to be written by itself.',
    nl: 'Een batch bevat alleen lees- en zoekopdrachten (GET); stuur wat geschreven moet worden apart.',
  },
  throttled: {
    status: 429,
    issue: 'throttled',
    retry: 'transient',
    en: 'Too many requests; wait a moment.',
    nl: 'Te veel verzoeken; wacht even.',
  },
  'store-away': {
    status: 503,
    issue: 'transient',
    retry: 'transient',
    en: 'The store cannot be reached; send the same again in a moment.',
    nl: 'De opslag is niet bereikbaar; stuur straks hetzelfde opnieuw.',
  },
  internal: {
    status: 500,
    issue: 'exception',
    retry: 'transient',
    en: 'Something went wrong on our side; nothing was half done. Send the same again.',
    nl: 'Er ging bij ons iets mis; er is niets half gedaan. Stuur hetzelfde opnieuw.',
  },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong: catalogue code, where (a path in the message; never a value), and what was expected there. */
export interface Issue {
  readonly code: ProblemCode;
  readonly path?: string;
  readonly expected?: string;
  /** Which entry of the mapped Bundle the path lies in; not told to anybody. */
  readonly entry?: number;
}

/** A refusal as a value: at least one issue; the first decides status and retry class. */
export interface Refusal {
  readonly ok: false;
  readonly issues: readonly [Issue, ...Issue[]];
}

/** Refuses with one issue. */
export const refuse = (code: ProblemCode, path?: string, expected?: string): Refusal => ({
  ok: false,
  issues: [{ code, path, expected }],
});

/** Refuses with all issues; falls back to `code` when the list is empty. */
export const refuseAll = (issues: readonly Issue[], code: ProblemCode): Refusal => {
  const [first, ...rest] = issues;
  return { ok: false, issues: first ? [first, ...rest] : [{ code }] };
};
