// Whether the browser may throw away what this site keeps, and asking it not to.

export interface Kept {
  /** It is kept until its person removes it. None where the browser does not say. */
  readonly lasts: boolean | null;
  /** Bytes that are kept, and that may be. */
  readonly used: number | null;
  readonly most: number | null;
}

export async function kept(): Promise<Kept> {
  const { storage } = navigator;
  const said = storage?.persisted ? await storage.persisted().catch(() => null) : null;
  const { usage, quota } = (await storage?.estimate?.().catch(() => null)) ?? {};
  return { lasts: said, used: usage ?? null, most: quota ?? null };
}

/** Asks; some browsers ask their person, who has to have just done something on the page. */
export async function keep(): Promise<boolean> {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}
