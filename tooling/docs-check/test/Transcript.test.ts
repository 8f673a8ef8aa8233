import { assert, it } from "vitest"
import { exchanges, firstDifference } from "../src/Transcript.ts"

it("splits a console block into what is typed and what is printed", () => {
  assert.deepStrictEqual(exchanges("$ keysweep list\nNAME\n\nci\n$ keysweep plan \\\n>   --all"), [
    { command: "keysweep list", output: "NAME\n\nci" },
    { command: "keysweep plan \\\n  --all", output: undefined }
  ])
})

it("does not compare what differs from run to run", () => {
  const shown =
    "kf_aaaaaaaaaaaaaaaa  ci    2026-11-20 10:00\nrun_1 took 1.2 s, log at ~/state/keysweep/log, hash 0123456789abcdef"
  const real =
    "first\nkf_bbbbbbbbbbbbbbbb ci 2026-11-21 11:30\nmore\nrun_9 took 340 ms, log at /tmp/x/log, hash fedcba98765432100\n"
  assert.isUndefined(firstDifference(shown, real))
})

it("compares everything else, in order", () => {
  assert.strictEqual(firstDifference("12 keys", "11 keys"), "12 keys")
  assert.strictEqual(firstDifference("a\nb", "b\na"), "b")
  assert.strictEqual(firstDifference("done", "done, almost"), "done")
})

it("takes … for anything in a line, and alone for any lines", () => {
  assert.isUndefined(firstDifference("a\n…\ndone (…)", "a\nb\nc\ndone (proven)"))
  assert.strictEqual(firstDifference("undone …", "done (proven)"), "undone …")
})
