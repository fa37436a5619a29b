#!/usr/bin/env node
import { COMMANDS } from './commands/index.ts';

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (!command || args.includes('--help')) {
  const lines = command
    ? command.help
    : [
        'Usage: gezinspoort <command> [options]',
        '',
        ...Object.entries(COMMANDS).map(([one, { help }]) => `  ${one.padEnd(18)}${help[0]}`),
      ];
  console.log(lines.join('\n'));
  process.exitCode = command || name === '' || name === '--help' ? 0 : 2;
} else {
  try {
    process.exitCode = await command.run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : 'The command failed.');
    process.exitCode = 1;
  }
}
