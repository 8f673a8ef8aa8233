import { readFileSync } from "node:fs"
import { dirname } from "node:path"
import { assert, inject, it } from "vitest"

it("the licence of what is bundled lies beside the program", () => {
  const notices = readFileSync(`${dirname(inject("main"))}/THIRD-PARTY-NOTICES.txt`, "utf8")
  for (const part of ["@slack/bolt", "@slack/web-api", "effect", "express", "pg", "age-encryption", "yaml"])
    assert.match(notices, new RegExp(`^${part} \\d[\\w.-]* \\(.+\\)$`, "m"))
  assert.notInclude(notices, "@keysweep/")
})
