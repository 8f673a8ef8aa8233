import { rmSync } from "node:fs"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { scan } from "../../src/scan/Scan.ts"
import { encodeScanReport, type ScanReport } from "../../src/scan/ScanReport.ts"
import { alpha, base64, beta, idOf, knownKeys, stranger } from "./keys.ts"
import { commit, folder, git, put, repository } from "./repository.ts"

const search = (root: string) => scan({ known: knownKeys(alpha, beta), folder: root, history: true })

const past = (report: ScanReport) =>
  report.findings
    .filter((finding) => finding.commit !== null)
    .map(({ commit: first, key, kind, line, path }) => [path, line, key, kind, first])

layer(NodeContext.layer)("GitHistory", (it) => {
  it.scoped("finds what was removed, on every branch, tag and stash, with the commit that brought it", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, "a/.env", `X=1\nKEY=${alpha}\n`)
      const first = commit(root, "one")
      put(root, "a/.env", "X=1\n")
      commit(root, "two")
      git(root, "switch", "-q", "-c", "side")
      put(root, "secret.yaml", `key: ${base64(beta)}\n`)
      const side = commit(root, "three")
      git(root, "switch", "-q", "main")
      put(root, "tagged", stranger)
      const tagged = commit(root, "four")
      git(root, "tag", "v1")
      git(root, "reset", "-q", "--hard", "HEAD~1")
      put(root, "a/.env", `stashed ${beta}\n`)
      git(root, "stash", "-q")
      const stashed = git(root, "rev-parse", "stash")

      const report = yield* search(root)
      assert.deepStrictEqual(
        report.findings.filter((finding) => finding.commit === null),
        []
      )
      assert.sameDeepMembers(past(report), [
        ["a/.env", 2, idOf(alpha), "text", first],
        ["a/.env", 1, idOf(beta), "text", stashed],
        ["secret.yaml", 1, idOf(beta), "base64", side],
        ["tagged", 1, idOf(stranger), "text", tagged]
      ])
      assert.isTrue(report.complete)
      const output = JSON.stringify(encodeScanReport(report))
      for (const secret of [alpha, beta, stranger, base64(beta)]) assert.notInclude(output, secret)
    })
  )

  it.scoped("searches every version once, whatever it is called and however often it comes back", () =>
    Effect.gen(function* () {
      const root = yield* repository
      const content = `${alpha}\n`
      put(root, "first", content)
      const first = commit(root, "one")
      rmSync(join(root, "first"))
      commit(root, "two")
      put(root, "copy", content)
      put(root, "again", content)
      put(root, "binary", Buffer.from([0, 1, 2]))
      commit(root, "three")
      const report = yield* search(root)
      assert.strictEqual(report.blobs, 2)
      assert.deepStrictEqual(
        past(report).map(([, ...rest]) => rest),
        [[1, idOf(alpha), "text", first]]
      )
      assert.deepStrictEqual(
        report.findings.filter((finding) => finding.commit === null).map(({ path }) => path),
        ["again", "copy"]
      )
    })
  )

  it.scoped("finds a key that only the resolution of a merge brought in", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, "file", "one\n")
      commit(root, "one")
      git(root, "switch", "-q", "-c", "side")
      put(root, "other", "two\n")
      commit(root, "two")
      git(root, "switch", "-q", "main")
      put(root, "third", "three\n")
      commit(root, "three")
      git(root, "merge", "-q", "--no-commit", "side")
      put(root, "file", `${alpha}\n`)
      const merge = commit(root, "merge")
      put(root, "file", "clean\n")
      commit(root, "clean")
      assert.deepStrictEqual(past(yield* search(root)), [["file", 1, idOf(alpha), "text", merge]])
    })
  )

  it.scoped("a shallow clone is not a complete history", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, "key", alpha)
      commit(root, "one")
      put(root, "key", "")
      commit(root, "two")
      const clone = yield* folder
      git(clone, "clone", "-q", "--depth", "1", `file://${root}`, "copy")
      const report = yield* search(join(clone, "copy"))
      assert.deepStrictEqual([report.complete, report.findings], [false, []])
      assert.include(report.unscanned[0]?.reason, "shallow")
    })
  )

  it.scoped("a repository without a commit has an empty history", () =>
    Effect.gen(function* () {
      const report = yield* search(yield* repository)
      assert.deepStrictEqual([report.blobs, report.complete], [0, true])
    })
  )
})
