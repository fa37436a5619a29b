import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DEFAULT_CONFIG, isChoice, SETTING_NAMES, SETTINGS, type Setting } from '../consent/settings.ts';
import type { DecisionConfig } from '../consent/types.ts';
import { buildViews, readViewFiles, type ViewFiles } from '../views/registry.ts';
import type { Policy } from './policy.ts';

type Files = Readonly<Record<string, unknown>>;

/** A policy as it is written, proposed, kept and compared: the files that views are made of, and what the privacy officers chose. */
export interface PolicyContent {
  readonly views: Files;
  readonly elements: Files;
  readonly valueSets: Files;
  readonly settings: DecisionConfig;
}

/** A policy as written, and the same compiled. */
export interface Shipped {
  readonly content: PolicyContent;
  readonly policy: Policy;
}

export type PolicyRead =
  | ({ readonly ok: true } & Shipped)
  | { readonly ok: false; readonly problems: readonly string[] };

/** The canonical text of a policy (RFC 8785); its hash names it. */
export const textOf = (content: PolicyContent): string => canonicalize(content) ?? '';

/** The version of a policy: 16 hexadecimal digits of the SHA-256 of its text. */
export const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Checks and compiles a policy; every problem at once. Settings that it does not name are at their default. Pure. */
export function compilePolicy(content: PolicyContent, isElement: (path: string) => boolean): PolicyRead {
  const files: ViewFiles = {
    views: new Map(Object.entries(content.views)),
    elements: new Map(Object.entries(content.elements)),
    valueSets: new Map(Object.entries(content.valueSets)),
  };
  const built = buildViews(files, isElement);
  const problems = [...(built.ok ? [] : built.problems), ...settingProblems(content.settings)];
  if (!built.ok || problems.length > 0) return { ok: false, problems };
  const settings = { ...DEFAULT_CONFIG, ...content.settings };
  return { ok: true, content, policy: { version: versionOf(textOf(content)), views: built.views, settings } };
}

/** A policy from the files of a folder like `profiles/views/` and these settings. */
export function readPolicy(
  folder: string,
  isElement: (path: string) => boolean,
  settings: DecisionConfig = {},
): PolicyRead {
  const { files, problems } = readViewFiles(folder);
  if (problems.length > 0) return { ok: false, problems };
  return compilePolicy(
    {
      views: Object.fromEntries(files.views),
      elements: Object.fromEntries(files.elements),
      valueSets: Object.fromEntries(files.valueSets),
      settings,
    },
    isElement,
  );
}

/** What is wrong with settings: a name nobody knows, a choice that is none. */
export function settingProblems(settings: object): string[] {
  return Object.entries(settings).flatMap(([given, value]) => {
    const name = SETTING_NAMES.find((one) => one === given);
    if (name === undefined) return [`settings/${given}: there is no such setting.`];
    if (isChoice(name, value)) return [];
    const { choices, range } = SETTINGS[name] as Setting<unknown>;
    const whole = range ? `, or a whole number from ${range[0]} to ${range[1]}` : '';
    return [`settings/${name}: must be one of ${choices.map((one) => JSON.stringify(one)).join(', ')}${whole}.`];
  });
}
