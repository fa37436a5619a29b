/** One command of `gezinspoort`: its help (first line: what it does) and what it does with its arguments; resolves to the exit code. */
export interface Command {
  readonly help: readonly string[];
  run(args: string[]): Promise<number>;
}

/** All commands. Each loads its code only when it is called: `--help` is quick and a small command does not load the gateway. */
export const COMMANDS: Record<string, Command> = {
  serve: {
    help: [
      'start the gateway',
      '',
      'gezinspoort serve [--role api|worker|all]',
      '',
      'api opens the doors, worker delivers, all (default) does both. Configuration: see README, Environment.',
    ],
    run: async (args) => (await import('../main.ts')).serve(args),
  },
  demo: {
    help: [
      'ask the running demo network something',
      '',
      'gezinspoort demo token --as <discipline>        print an access token (also --as privacy-officer)',
      'gezinspoort demo pull <given name> --as <discipline>   print what that discipline gets of a family',
      '',
      'Works beside a gateway that runs with DEMO=auto on the same DATA_DIR.',
    ],
    run: async (args) => (await import('./demo.ts')).demo(args),
  },
  migrate: {
    help: [
      'bring the database schema up to date',
      '',
      'gezinspoort migrate    (on DATABASE_URL, or the store of a running gateway in DATA_DIR)',
    ],
    run: async () => (await import('./migrate.ts')).migrateCommand(),
  },
  client: {
    help: [
      'register a client, make its key, try its token',
      '',
      'gezinspoort client add <file.json>    the file: {id, organisation: {id, ura, name, sector}, jwks, scopes, sources, disciplines, purposes, roles}',
      'gezinspoort client key <id>           make a key pair: <id>.private.json, and the public jwks on standard output',
      'gezinspoort client token <id> <private.json>   ask the gateway at PUBLIC_URL for an access token',
    ],
    run: async (args) => (await import('./client.ts')).client(args),
  },
  mllp: {
    help: [
      'send an HL7 v2 message to a gateway on this machine',
      '',
      'gezinspoort mllp send <file> [port]    over MLLP, to MLLP_PORT; prints the acknowledgement, a segment a line',
    ],
    run: async (args) => (await import('./mllp.ts')).mllp(args),
  },
  map: {
    help: [
      'run a map on a file, explain what it makes of a message, model a source, show what is left unread',
      '',
      'gezinspoort map run <map> <input.json> [--structures DIR]    print the result as JSON; what is wrong goes to standard error',
      'gezinspoort map model <schema.json | hl7v2> <url>            print the logical model of a JSON Schema, or of HL7 v2 as it is read',
      'gezinspoort map coverage <system>                            list the elements of its models that no map reads; 1 where one is not explained',
      '',
      'Maps that it imports and ConceptMaps are looked for in its own folder and in DIR, StructureDefinitions (beside FHIR R4) in DIR.',
      'A source type without a StructureDefinition is read as it comes, untyped.',
      '',
      'gezinspoort map explain <message> [--system NAME] [--values]    print source, rule and target of each element side by side, and what was left unread',
      'gezinspoort map explain <message> [--system NAME] --provenance    the same as FHIR: a Provenance for each resource',
      'gezinspoort map explain <map>    print what each rule of a map reads and writes',
      'gezinspoort map unread [--source NAME] [--month 2026-11]    print what the messages of a gateway held and no rule read, counted by path',
      '',
      'A message is JSON or HL7 v2 of a system in mappings/. Values are printed only with --values.',
    ],
    run: async (args) => (await import('./map.ts')).map(args),
  },
  validate: {
    help: [
      'check FHIR R4 resources as the gateway would',
      '',
      'gezinspoort validate <file.json>...    print what is wrong, by path and without values; exit code 1 when something is',
      '',
      'Checks base R4 and the profiles that a resource claims: those of this project, and those of the packages in FHIR_PACKAGES (a folder of .tgz).',
    ],
    run: async (args) => (await import('./validate.ts')).validateCommand(args),
  },
  labels: {
    help: [
      'print the table of categories and sensitivity labels in plain sentences',
      '',
      'gezinspoort labels [nl|en]    Dutch unless en is said; for privacy officers: which datum gets which category and label, and by which rule',
    ],
    run: async (args) => (await import('./labels.ts')).labels(args),
  },
  view: {
    help: [
      'make a decision again, see what each discipline gets of a family',
      '',
      'gezinspoort view replay <receipt>    make the decisions of an answer again, with the versions and the policy of then; 0: same result, 1: not',
      '',
      'gezinspoort view preview [--family yonathan|luuk|laila] [--poli NAME] [--discipline NAME] [--html FILE]    left the whole record, right what each discipline gets',
      'gezinspoort view preview --patient <id> [--discipline NAME] [--html FILE]    the same of a real family: names of elements and outcomes',
      '',
      'Of real families it prints references, names of elements and codes, never what stands in them.',
    ],
    run: async (args) => (await import('./view.ts')).view(args),
  },
  policy: {
    help: [
      'the policy that decides: show, compare, propose, approve, go back',
      '',
      'gezinspoort policy list                  all releases: proposed, in force, replaced',
      'gezinspoort policy show [release]        the policy in force and its settings; of a release all that whoever approves it must see',
      'gezinspoort policy diff <folder | settings.json | release>    what would be different, for whom, and in which recorded decisions',
      'gezinspoort policy propose <folder | settings.json> --by <staff id> --reason <sentence> [--from <date>]',
      'gezinspoort policy approve <release> --by <staff id> --seen <digest>    the digest that show prints; two different persons must',
      'gezinspoort policy back --by <staff id>  the policy before this one, at once',
      '',
      'A folder is one like profiles/ (views/ and valuesets/), with the settings in force; settings.json names the settings that change.',
    ],
    run: async (args) => (await import('./policy.ts')).policy(args),
  },
  consent: {
    help: [
      'decide on consent; list birthdays and ends of consent that are coming',
      '',
      'gezinspoort consent decide < inputs.ndjson',
      'gezinspoort consent due --organisation <id> [--days 60]    a line each: the id of the patient as that organisation knows it, what, and the day',
      '',
      'Reads one input object a line, writes {decision, reasons, items, obligations} a line, in the same order.',
    ],
    run: async (args) => (await import('./consent.ts')).consent(args),
  },
};
