import { splitSearchOnComma } from '@medplum/core';
import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import { compares, PREFIXES, type Prefix, plain } from './compare.ts';
import { MODIFIERS } from './parameters.ts';
import { type Span, spanOf } from './time.ts';
import { type Measure, measuresOf, referencesOf, spansOf, textsOf, tokensOf, valuesOf } from './values.ts';

export type Test = (resource: Resource) => boolean;

/**
 * One parameter with its modifier and value as a test on resources; undefined where that is not matched rightly here. Values come from the library (expression, codes); they are compared
 * here, because the library takes the text of a code for a code, any overlap of dates for equal and any part of a text for its beginning, and knows no quantities.
 */
export function testOf(parameter: SearchParameter, modifier: string | undefined, value: string): Test | undefined {
  if (value === '' || (modifier !== undefined && !MODIFIERS[parameter.type]?.includes(modifier))) return undefined;
  if (modifier === 'missing') return missing(parameter, value);
  const tests = splitSearchOnComma(value).map((one) => (one === '' ? undefined : single(parameter, modifier, one)));
  if (tests.some((one) => one === undefined)) return undefined;
  const any: Test = (resource) => {
    const values = valuesOf(resource, parameter);
    return tests.some((test) => test?.(values));
  };
  return modifier === 'not' ? (resource) => !any(resource) : any;
}

type OnValues = (values: ReturnType<typeof valuesOf>) => boolean;

function missing(parameter: SearchParameter, value: string): Test | undefined {
  if (value !== 'true' && value !== 'false') return undefined;
  return (resource) => (valuesOf(resource, parameter).length === 0) === (value === 'true');
}

function single(parameter: SearchParameter, modifier: string | undefined, value: string): OnValues | undefined {
  switch (parameter.type) {
    case 'token':
      return token(value);
    case 'date':
      return date(value);
    case 'reference':
      return reference(value);
    case 'string':
      return text(modifier, value);
    case 'uri':
      return (values) => values.some((one) => one.value === value);
    case 'quantity':
      return quantity(value);
    default:
      return undefined;
  }
}

/** `code`, `system|code`, `system|` or `|code`. Without case: most code systems do not tell whether it counts. */
function token(value: string): OnValues | undefined {
  const bar = value.indexOf('|');
  const system = bar < 0 ? undefined : value.slice(0, bar).toLowerCase();
  const code = value.slice(bar + 1).toLowerCase();
  if (code === '' && !system) return undefined;
  return (values) =>
    tokensOf(values).some(
      (one) =>
        (code === '' || one.value?.toLowerCase() === code) &&
        (system === undefined || (one.system?.toLowerCase() ?? '') === system),
    );
}

function date(value: string): OnValues | undefined {
  const [prefix, rest] = prefixed(value);
  const asked = spanOf(rest);
  return asked && ((values) => spansOf(values).some((one) => compares(one, prefix, asked)));
}

function prefixed(value: string): [Prefix, string] {
  const prefix = PREFIXES.find((one) => value.startsWith(one));
  return prefix ? [prefix, value.slice(2)] : ['eq', value];
}

/** `Type/id`, or an id alone: within one family no two resources share one. */
function reference(value: string): OnValues | undefined {
  if (!/^([A-Z][A-Za-z]+\/)?[A-Za-z0-9.-]{1,64}$/.test(value)) return undefined;
  return (values) => referencesOf(values).some((one) => one === value || one.endsWith(`/${value}`));
}

function text(modifier: string | undefined, value: string): OnValues {
  if (modifier === 'exact') return (values) => textsOf(values).includes(value);
  const asked = plain(value);
  return (values) =>
    textsOf(values).some((one) =>
      modifier === 'contains' ? plain(one).includes(asked) : plain(one).startsWith(asked),
    );
}

/** `[prefix]number`, `…|system|code` or `…||unit`. A number stands for all that round to it: 5.4 is from 5.35 to 5.45. */
function quantity(value: string): OnValues | undefined {
  const [number = '', system, code, ...more] = value.split('|');
  const [prefix, digits] = prefixed(number);
  const unitAsked = system !== undefined;
  if (more.length > 0 || !/^-?\d{1,12}(\.\d{1,8})?$/.test(digits) || (unitAsked && !code)) return undefined;
  const half = 0.5 * 10 ** -(digits.split('.')[1]?.length ?? 0);
  const asked: Span =
    prefix === 'eq' || prefix === 'ne'
      ? [Number(digits) - half, Number(digits) + half]
      : [Number(digits), Number(digits)];
  const fits = (one: Measure): boolean =>
    !unitAsked || (system === '' ? one.code === code || one.unit === code : one.system === system && one.code === code);
  return (values) => measuresOf(values).some((one) => fits(one) && compares([one.value, one.value], prefix, asked));
}
