/** How one kind of care provider goes in Mitz: its organisation type as a holder, and the category of requesters that citizens choose from (VZVZ). */
export interface MitzSector {
  readonly type: string;
  readonly category: string;
}

/** Sectors that Mitz knows. The social domain and informal support are not among them: for those nobody can say anything there, so nothing goes out to them where Mitz is used. */
export const SECTORS: Readonly<Record<string, MitzSector>> = {
  hospital: { type: 'V4', category: 'RPZAC104' },
  // Youth health care stands with dentists and paramedics in "other care".
  jgz: { type: 'JGZ', category: 'RPZAC103' },
  gp: { type: 'Z3', category: 'RPZAC001' },
  ggz: { type: 'G5', category: 'RPZAC003' },
};

/** UZI role codes (2.16.840.1.113883.2.4.15.111) by discipline; to be checked with VZVZ when a network connects. Who has none cannot be asked about. */
export const ROLES: Readonly<Record<string, string>> = {
  paediatrician: '01.019',
  gynaecologist: '01.046',
  midwife: '03.000',
  'youth-doctor': '01.000',
  'youth-nurse': '30.000',
  gp: '01.015',
  physiotherapist: '04.000',
};

/** The one data category in use: treatment data. */
export const TREATMENT_DATA = 'GGC002';
