import { Layout, type ViewOptions } from '../../view/text/layout.js';
import { makeView, type View } from '../../view/text/make-view.js';
import { printError } from './output.js';
import { errorView } from './screen.js';

const formatComplaint: View<[sentence: string, options: ViewOptions]> = makeView((sentence, options) =>
  new Layout(options).line(`kexec-file: ${sentence}`, 2),
);

/** Prints a sentence about the command's work on standard error. */
export function complain(sentence: string): void {
  printError(formatComplaint(sentence, errorView()));
}
