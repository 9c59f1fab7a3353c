// What every judge says when it refuses.
export function require(holds, reason) {
  if (!holds) throw new Error(reason);
}
