import { Command } from 'commander';
import { buildReportHeader } from '../../base/report-header.js';
import { mergeReports } from '../../node/preflight/merge-reports.js';
import { escapeJson, formatJson } from '../../view/json/format-json.js';
import { explainUsage } from '../help/explain-usage.js';
import { printSlowly } from '../terminal/output.js';

export function buildPreflightMergeCommand(): Command {
  return new Command('merge')
    .description('join the reports of the shards of a fleet')
    .argument('<file...>', 'what preflight --json --shard K/N printed, of each K from 1 to N')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints what preflight --json prints for the whole fleet: the machines in its order, then the summary. Shards that are
missing, given twice, of different loads, or of a fleet that has changed in between are refused. Exit codes are those of
preflight.`,
        documents: ['docs/preflight.md'],
        examples: `
for k in 1 2 3 4; do
  kexec-file preflight vmlinuz fleet/ --shard $k/4 --json > $k.jsonl &
done; wait
kexec-file preflight merge [1-4].jsonl > report.jsonl`,
      }),
    )
    .action(merge);
}

async function merge(paths: string[]): Promise<void> {
  const reports = mergeReports(paths);
  for (;;) {
    const { value, done } = await reports.next();
    if (done !== true) {
      await printSlowly(escapeJson(value));
      continue;
    }
    const { facts, summary, changes } = value;
    const last = { ...facts, ...summary, ...(changes && { changes }) };
    await printSlowly(formatJson({ ...buildReportHeader('preflight'), summary: last }, 'line'));
    const isRefused = changes === undefined ? summary.loads < summary.machines : changes.stopped > 0;
    if (isRefused) process.exitCode = 1;
    return;
  }
}
