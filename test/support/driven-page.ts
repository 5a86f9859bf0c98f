/** A page in a browser that a test drives, whichever it is. */
export interface DrivenPage {
  /** The value of an expression in the page; that of a promise, when it is settled. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Chooses files in a file input. @param selector - of the input */
  chooseFiles(selector: string, paths: readonly string[]): Promise<void>;
}
