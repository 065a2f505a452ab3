/**
 * A pattern with Unicode's classes, such as `\p{L}`, which is made when it is first used: in a literal it would be read with the code,
 * which takes as long as 20 kB of it, and few programs ever need one.
 */
export function pattern(source: string, flags: string): () => RegExp {
  let made: RegExp | undefined;
  return () => {
    made ??= new RegExp(source, flags);
    return made;
  };
}
