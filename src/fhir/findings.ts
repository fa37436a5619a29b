/** A sentence about all decisions that must hold whatever the policy says. */
export interface Invariant {
  readonly name: string;
  readonly en: string;
  readonly nl: string;
}

/** A sentence that does not hold, with one case that breaks it, in codes: no person is in it. */
export interface Violation extends Invariant {
  readonly counterexample: string;
}

/** Collects per sentence the first case that breaks it. */
export class Findings<Name extends string> {
  readonly #sentences: Readonly<Record<Name, { readonly en: string; readonly nl: string }>>;
  readonly #found = new Map<Name, Violation>();

  constructor(sentences: Readonly<Record<Name, { readonly en: string; readonly nl: string }>>) {
    this.#sentences = sentences;
  }

  /** `counterexample` is only written where the sentence does not hold and none was found before. */
  expect(name: Name, holds: boolean, counterexample: () => string): void {
    if (holds || this.#found.has(name)) return;
    this.#found.set(name, { name, ...this.#sentences[name], counterexample: counterexample() });
  }

  get violations(): Violation[] {
    return [...this.#found.values()];
  }
}

/** The sentences as a list, in their order. */
export const listed = (
  sentences: Readonly<Record<string, { readonly en: string; readonly nl: string }>>,
): Invariant[] => Object.entries(sentences).map(([name, text]) => ({ name, ...text }));
