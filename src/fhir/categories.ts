/** The ten data categories of the national guide for the IGP (chapter 7), in its order; codes without the prefix `cat-`. */
export const CATEGORIES = [
  'naw',
  'history',
  'development',
  'risk',
  'consult',
  'referral',
  'thirdparty-consult',
  'diagnostics',
  'medication',
  'obstetric',
] as const;
