/**
 * How a field or component is read. `code`: an identifier or code (ID, IS, SI, NM, ST of one word): its first
 * component, since later versions of HL7 v2 add components behind it. `text`: free text (ST, TX, FT): all of it, stray
 * separators included. `time`: TS, DTM or DT. The rest are composites.
 */
export type DataType = SimpleType | CompositeType;

export type SimpleType = 'code' | 'text' | 'time';

/** One component: its number, its name, its type (`text` when left out). */
export type Component = readonly [number: number, name: string, type?: DataType];

export type CompositeType =
  | 'CE'
  | 'CX'
  | 'EI'
  | 'FN'
  | 'HD'
  | 'MSG'
  | 'PL'
  | 'PLN'
  | 'SAD'
  | 'TQ'
  | 'XAD'
  | 'XCN'
  | 'XON'
  | 'XPN'
  | 'XTN';

/**
 * The composite data types (HL7 v2 §2A), also for their older and newer forms: CE reads CWE, XPN.1 and XCN.2 read a
 * plain surname.
 */
export const COMPOSITES: { readonly [type in CompositeType]: readonly Component[] } = {
  CE: [
    [1, 'code'],
    [2, 'text'],
    [3, 'codingSystem'],
    [4, 'alternateCode'],
    [5, 'alternateText'],
    [6, 'alternateCodingSystem'],
  ],
  CX: [
    [1, 'id'],
    [2, 'checkDigit'],
    [3, 'checkDigitScheme'],
    [4, 'assigningAuthority', 'HD'],
    [5, 'identifierTypeCode'],
    [6, 'assigningFacility', 'HD'],
    [7, 'effectiveDate', 'time'],
    [8, 'expirationDate', 'time'],
  ],
  EI: [
    [1, 'entityIdentifier'],
    [2, 'namespaceId'],
    [3, 'universalId'],
    [4, 'universalIdType'],
  ],
  FN: [
    [1, 'surname'],
    [2, 'ownPrefix'],
    [3, 'ownSurname'],
    [4, 'partnerPrefix'],
    [5, 'partnerSurname'],
  ],
  HD: [
    [1, 'namespaceId'],
    [2, 'universalId'],
    [3, 'universalIdType'],
  ],
  MSG: [
    [1, 'code'],
    [2, 'event'],
    [3, 'structure'],
  ],
  PL: [
    [1, 'pointOfCare'],
    [2, 'room'],
    [3, 'bed'],
    [4, 'facility', 'HD'],
    [9, 'description'],
  ],
  PLN: [
    [1, 'id'],
    [2, 'type'],
  ],
  SAD: [
    [1, 'line'],
    [2, 'name'],
    [3, 'number'],
  ],
  // Quantity and timing as appointments use it (HL7 v2 §2A.81); from 2.5 on it stands in TQ1.
  TQ: [
    [3, 'duration'],
    [4, 'start', 'time'],
    [5, 'end', 'time'],
    [6, 'priority'],
  ],
  XAD: [
    [1, 'street', 'SAD'],
    [2, 'otherDesignation'],
    [3, 'city'],
    [4, 'state'],
    [5, 'postalCode'],
    [6, 'country'],
    [7, 'addressType'],
  ],
  XCN: [
    [1, 'id'],
    [2, 'family', 'FN'],
    [3, 'given'],
    [4, 'furtherGiven'],
    [5, 'suffix'],
    [6, 'prefix'],
    [7, 'degree'],
    [9, 'assigningAuthority', 'HD'],
    [10, 'nameTypeCode'],
    [13, 'identifierTypeCode'],
  ],
  XON: [
    [1, 'name'],
    [10, 'id'],
    // XON.3 is the older place of the identifier: read where XON.10 is empty.
    [3, 'id'],
    [6, 'assigningAuthority', 'HD'],
  ],
  XPN: [
    [1, 'family', 'FN'],
    [2, 'given'],
    [3, 'furtherGiven'],
    [4, 'suffix'],
    [5, 'prefix'],
    [6, 'degree'],
    [7, 'nameTypeCode'],
  ],
  XTN: [
    [1, 'number'],
    // XTN.12 is the newer place of the unformatted number: read where XTN.1 is empty.
    [12, 'number'],
    [2, 'use'],
    [3, 'equipmentType'],
    [4, 'email'],
    [5, 'countryCode'],
    [6, 'areaCode'],
    [7, 'localNumber'],
  ],
};
