/** Object identifiers of the national messages: identifiers, and the code systems of BDS (Basisdataset JGZ). */
export const OID = {
  bsn: '2.16.840.1.113883.2.4.6.3',
  agb: '2.16.840.1.113883.2.4.6.1',
  uzi: '2.16.528.1.1007.3.1',
  ura: '2.16.528.1.1007.3.3',
  big: '2.16.528.1.1007.5.1',
  interaction: '2.16.840.1.113883.1.6',
  element: '2.16.840.1.113883.2.4.4.40.267',
  rubriek: '2.16.840.1.113883.2.4.4.40.391',
  group: '2.16.840.1.113883.2.4.4.40.393',
} as const;
