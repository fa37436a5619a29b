/** One finding. `path` is FHIRPath-like with positions (`Observation.component[1].code`); no text ever holds a value. */
export type Issue = { code: string; severity: 'error' | 'warning' | 'information'; path: string; message: string };

/** Collects findings while a resource is walked. */
export type Findings = Issue[];

/** Notes an error. */
export function report(findings: Findings, code: string, path: string, message: string): void {
  findings.push({ code, severity: 'error', path, message });
}

/** Notes that something could not be checked with what is at hand: no error, and not passed over in silence. */
export function unchecked(findings: Findings, path: string, message: string): void {
  findings.push({ code: 'not-checked', severity: 'information', path, message });
}

/** A key that the sender chose, made safe for an error text: it might hold anything. */
export function safeKey(key: string): string {
  return /^_?[A-Za-z][A-Za-z]{0,39}\d{0,2}$/.test(key) ? key : '(unknown)';
}
