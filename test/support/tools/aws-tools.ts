/** moto's server, cfn-lint and the AWS CLI, in one Python virtual environment. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { runBuilder } from './run-builder.ts';
import { findTool, type Tool } from './tool.ts';

/** moto loads every service for CloudFormation, hence the extra. 480 MB in total; `moto[server]` would add 180 MB. */
const PINS = [
  'moto[cloudformation]==5.2.5',
  'Flask==3.1.3',
  'flask-cors==6.0.5',
  'cfn-lint==1.58.0',
  'awscli==1.46.3',
];

export const AWS_TOOLS: Tool = {
  name: 'aws-tools',
  version: createHash('sha256').update(PINS.join('\n')).digest('hex').slice(0, 12),
  fill: async (directory, cwd) => {
    const fix = 'Python 3.10 or later is needed, with its venv module (Debian: python3-venv).';
    const python = async (...command: readonly string[]) => runBuilder({ command, cwd, fix });
    await python('python3', '-m', 'venv', directory);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await python(join(directory, 'bin/python'), ...install, ...PINS);
  },
};

/** The directory of the programs `moto_server`, `cfn-lint` and `aws`. */
export async function findAwsTools(): Promise<string> {
  return join(await findTool(AWS_TOOLS), 'bin');
}
