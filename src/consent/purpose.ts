/** The part of v3-ActReason below PurposeOfUse (HL7 R4): each code with its parent; top-level codes have none. */
const PARENTS = new Map<string, string | undefined>(
  Object.entries({
    TREAT: 'ETREAT COC CLINTRL POPHLTH',
    ETREAT: 'BTG ERTREAT',
    HPAYMT: 'CLMATTCH COVAUTH COVERAGE REMITADV',
    COVERAGE: 'ELIGDTRM ELIGVER ENROLLM MILDCRG',
    HOPERAT:
      'CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP HSYSADMIN MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN',
    HSYSADMIN: 'LABELING METAMGT',
    SYSDEV: 'HTEST',
    HRESCH: 'BIORCH CLINTRCH DSRCH POARCH TRANSRCH',
    CLINTRCH: 'CLINTRCHNPC CLINTRCHPC PRECLINTRCH',
    PATRQT: 'FAMRQT PWATRNY SUPNWK',
    PUBHLTH: 'DISASTER THREAT',
    HMARKT: '',
  }).flatMap(([parent, children]) => children.split(' ').map((child): [string, string] => [child, parent])),
);
for (const top of ['TREAT', 'HPAYMT', 'HOPERAT', 'HRESCH', 'PATRQT', 'PUBHLTH', 'HMARKT']) PARENTS.set(top, undefined);

export const isPurpose = (code: string): boolean => code !== '' && PARENTS.has(code);

/**
 * The purpose and every wider one, widest first: BTG gives TREAT, ETREAT, BTG. A rule that names a wider purpose covers the narrower, for permit
 * and refusal alike. A code that is not known gives nothing.
 */
export function widerPurposes(code: string): string[] {
  const chain: string[] = [];
  for (let at: string | undefined = isPurpose(code) ? code : undefined; at; at = PARENTS.get(at)) chain.unshift(at);
  return chain;
}
