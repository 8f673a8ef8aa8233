import { execFileSync } from "node:child_process"
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeContext } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Ref } from "effect"
import { sarifOf } from "../../src/scan/Sarif.ts"
import { scan, type ScanOptions } from "../../src/scan/Scan.ts"
import { encodeScanReport, type ScanReport } from "../../src/scan/ScanReport.ts"
import { alpha, base64, beta, idOf, knownKeys, master, stranger } from "./keys.ts"
import { commit, folder, git, put, repository } from "./repository.ts"

const known = knownKeys(alpha, beta)

const search = (options: Omit<ScanOptions, "known">) => scan({ known, ...options })

/** `path:line:column key`, in the order of the report. */
const places = (report: ScanReport): ReadonlyArray<string> =>
  report.findings.map(
    ({ column, key, kind, line, offset, path, secret }) =>
      `${path}:${offset === null ? `${line}:${column}` : `byte ${offset}`} ${key ?? secret}${kind === "text" ? "" : ` ${kind}`}`
  )

const assertNoSecret = (report: ScanReport): void => {
  const output = JSON.stringify([encodeScanReport(report), sarifOf(report, "1.0.0")])
  for (const secret of [alpha, beta, stranger, master]) {
    assert.notInclude(output, secret)
    assert.notInclude(output, secret.slice(9))
    assert.notInclude(output, base64(secret).slice(2, -4))
  }
}

/** Kinds of files that keys are kept in, each with where its keys are. */
const kinds: ReadonlyArray<readonly [path: string, content: string, at: ReadonlyArray<string>]> = [
  [".env", `DEBUG=1\nELECTRONHUB_KEY=${alpha}\n`, ["2:17 alpha"]],
  [".env.production", `# it's\r\nKEY="${beta}"\r\nEMPTY=\r\n`, ["2:6 beta"]],
  [
    "compose.yaml",
    `services:\n  web:\n    environment:\n      - KEY=${alpha}\n      - OLD=${stranger}\n`,
    ["4:13 alpha", "5:13 stranger"]
  ],
  [
    "k8s/secret.yaml",
    `kind: Secret\ndata:\n  key: ${base64(alpha)}\n  env: ${base64(`A=1\nKEY=${beta}\n`)}\nstringData:\n  key: ${beta}\n`,
    ["3:8 alpha base64", "4:18 beta base64", "6:8 beta"]
  ],
  ["main.tf", `variable "key" {\n  default = "${alpha}"\n}\n`, ["2:14 alpha"]],
  ["prod.tfvars", `key = "${beta}"`, ["1:8 beta"]],
  [".github/workflows/ci.yml", `jobs:\n  a:\n    env: { KEY: '${alpha}' }\n`, ["3:18 alpha"]],
  [".gitlab-ci.yml", `variables:\n\tKEY: ${alpha}`, ["2:7 alpha"]],
  ["Dockerfile", `FROM node\nENV KEY=${alpha} \\\n    OTHER=${beta}\n`, ["2:9 alpha", "3:11 beta"]],
  ["app/config.json", `{"a": "\\n${stranger}\\n", "master": "${master}"}`, ["1:10 stranger", "1:51 master-key"]],
  ["notes.md", `schlüssel 🔑 ${alpha}\n\n`, ["1:14 alpha"]],
  ["latin1.txt", Buffer.from(`x\n\xfc ${alpha}\n`, "latin1").toString("latin1"), ["2:3 alpha"]],
  ["script.sh", `curl -H 'Authorization: Bearer ${alpha}' "https://h/?k=${beta}&x"\n`, ["1:32 alpha", "1:73 beta"]],
  ["innocent.ts", "const week = 'week-proxy-settings' // ek-proxy-your-key-here\n", []]
]

const plant = (root: string): ReadonlyArray<string> => {
  for (const [path, content] of kinds) {
    put(root, path, path === "latin1.txt" ? Buffer.from(content, "latin1") : content)
  }
  const words = { alpha: idOf(alpha), beta: idOf(beta), stranger: idOf(stranger) }
  return [...kinds]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, , at]) =>
      at.map((place) => `${path}:${place.replace(/\b(alpha|beta|stranger)\b/, (word) => Object(words)[word])}`)
    )
}

layer(NodeContext.layer)("Scan", (it) => {
  it.scoped("finds every key in every kind of file at its place, and prints none", () =>
    Effect.gen(function* () {
      const root = yield* repository
      const expected = plant(root)
      commit(root, "all")
      const report = yield* search({ folder: root })
      assert.deepStrictEqual(places(report), expected)
      assert.deepStrictEqual([report.complete, report.files, report.blobs], [true, kinds.length, null])
      assert.strictEqual(report.findings.filter((finding) => !finding.known).length, 3)
      assertNoSecret(report)
    })
  )

  it.scoped(
    "searches what git tracks and what it does not ignore; everything where asked, and outside a repository",
    () =>
      Effect.gen(function* () {
        const root = yield* repository
        put(root, ".gitignore", "ignored\n")
        put(root, "tracked", alpha)
        commit(root, "one")
        for (const path of ["untracked", "ignored/a", "node_modules/a", "sub/node_modules/a"]) put(root, path, alpha)
        put(root, ".git/description", alpha)
        const paths = (report: ScanReport) => report.findings.map(({ path }) => path)
        assert.deepStrictEqual(paths(yield* search({ folder: root })), [
          "node_modules/a",
          "sub/node_modules/a",
          "tracked",
          "untracked"
        ])
        assert.deepStrictEqual(paths(yield* search({ folder: root, paths: ["ignored"] })), ["ignored/a"])
        const everything = ["ignored/a", "tracked", "untracked"]
        assert.deepStrictEqual(paths(yield* search({ folder: root, everything: true })), everything)
        rmSync(join(root, ".git"), { recursive: true })
        assert.deepStrictEqual(paths(yield* search({ folder: root })), everything)
        assert.deepStrictEqual(paths(yield* search({ folder: join(root, "sub"), paths: ["..", "../tracked"] })), [
          "../ignored/a",
          "../tracked",
          "../untracked"
        ])
      })
  )

  it.scoped("searches the files that are named, ignored ones too, each once", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, ".gitignore", ".env\n")
      put(root, ".env", alpha)
      put(root, "a/one", beta)
      put(root, "a/two", stranger)
      symlinkSync(join(root, ".env"), join(root, "link"))
      const report = yield* search({ folder: root, paths: [".env", "a/one", "a", "link"] })
      assert.deepStrictEqual(places(report), [
        `.env:1:1 ${idOf(alpha)}`,
        `a/one:1:1 ${idOf(beta)}`,
        `a/two:1:1 ${idOf(stranger)}`
      ])
      assert.strictEqual(report.files, 3)
    })
  )

  it.scoped("what cannot be searched is named, and the report is then not complete", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, "here", alpha)
      execFileSync("mkfifo", [join(root, "pipe")])
      const named = yield* search({ folder: root, paths: ["here", "gone", "pipe", "/proc/self/mem"] })
      assert.deepStrictEqual([named.complete, named.files], [false, 1])
      assert.deepStrictEqual(
        named.unscanned.map(({ reason }) => reason),
        ["it does not exist", "it is not a regular file", "it cannot be read (EIO)"]
      )
      // An index can hold a name that no file can have: the system refuses it, also to root.
      const object = git(root, "hash-object", "-w", "here")
      const name = "n".repeat(300)
      git(root, "update-index", "--add", "--cacheinfo", `100644,${object},${name}`)
      const listed = yield* search({ folder: root })
      assert.deepStrictEqual(listed.unscanned, [{ path: name, reason: "it cannot be read (ENAMETOOLONG)" }])
      assert.deepStrictEqual([listed.complete, places(listed)], [false, [`here:1:1 ${idOf(alpha)}`]])
    })
  )

  it.scoped("searches binary and huge files to their end", () =>
    Effect.gen(function* () {
      const root = yield* repository
      const huge = Buffer.alloc(9_500_000, "0123456789abcdef\n")
      // The second lies across the border of two buffers.
      const at = [0, 4_194_300, 9_000_000]
      for (const place of at) huge.write(`${alpha}\n`, place)
      put(root, "huge", huge)
      put(root, "binary", Buffer.concat([Buffer.from([0, 10, 255]), Buffer.from(beta), Buffer.from([0])]))
      const lines = at.map((place) => {
        const before = huge.subarray(0, place).toString("latin1").split("\n")
        return `huge:${before.length}:${(before.at(-1) ?? "").length + 1} ${idOf(alpha)}`
      })
      const report = yield* search({ folder: root })
      assert.deepStrictEqual(places(report), [`binary:byte 3 ${idOf(beta)}`, ...lines])
      assert.isTrue(report.complete)
    })
  )

  it.scoped("follows no link: what is in the tree is found once, what is outside never", () =>
    Effect.gen(function* () {
      const outside = yield* folder
      put(outside, "secret", alpha)
      const root = yield* repository
      put(root, "dir/secret", beta)
      put(root, "real", alpha)
      commit(root, "one")
      symlinkSync(join(root, "real"), join(root, "inside-link"))
      symlinkSync(join(outside, "secret"), join(root, "outside-link"))
      symlinkSync("nowhere", join(root, "dangling"))
      symlinkSync(".", join(root, "loop"))
      renameSync(join(root, "dir"), join(root, "moved"))
      symlinkSync(outside, join(root, "dir"))
      const expected = [`moved/secret:1:1 ${idOf(beta)}`, `real:1:1 ${idOf(alpha)}`]
      for (const everything of [false, true]) {
        const report = yield* search({ folder: root, everything })
        assert.deepStrictEqual([places(report), report.complete], [expected, true])
      }
    })
  )

  it.scoped("a file that is gone, or has become a pipe, holds nothing and stops nothing", () =>
    Effect.gen(function* () {
      const root = yield* repository
      for (const path of ["gone", "pipe", "was/a-folder", "stays"]) put(root, path, alpha)
      commit(root, "one")
      for (const path of ["gone", "pipe", "was"]) rmSync(join(root, path), { recursive: true })
      execFileSync("mkfifo", [join(root, "pipe")])
      put(root, "was", "now a file")
      const report = yield* search({ folder: root })
      assert.deepStrictEqual([places(report), report.complete], [[`stays:1:1 ${idOf(alpha)}`], true])
    })
  )

  it.scoped("searches submodules and repositories inside the work tree", () =>
    Effect.gen(function* () {
      const root = yield* repository
      for (const name of ["module", "other"]) {
        mkdirSync(join(root, name))
        git(join(root, name), "init", "-q", "-b", "main")
        put(root, `${name}/.gitignore`, "out\n")
        put(root, `${name}/key`, alpha)
        put(root, `${name}/out`, alpha)
        commit(join(root, name), "one")
      }
      git(root, "add", "module")
      mkdirSync(join(root, "broken"))
      git(join(root, "broken"), "init", "-q")
      put(root, "broken/.git/HEAD", "nonsense")
      put(root, "broken/key", alpha)
      const report = yield* search({ folder: root })
      assert.deepStrictEqual(
        places(report),
        ["broken", "module", "other"].map((name) => `${name}/key:1:1 ${idOf(alpha)}`)
      )
    })
  )

  it.scoped("hostile names are taken as they are, and a key in a name is a finding that does not show it", () =>
    Effect.gen(function* () {
      const root = yield* repository
      const names = [
        "-rf",
        "a\nb",
        "\u001b[31m",
        "--output=x",
        "$(touch x)",
        "%2e",
        'q"uote',
        "ünï",
        `${alpha}/a`,
        `${alpha}/b`
      ]
      for (const name of names) put(root, name, name.startsWith("ek") ? "" : beta)
      writeFileSync(Buffer.from(`${root}/\xff\xfe`, "latin1"), beta)
      for (const everything of [false, true]) {
        const report = yield* search({ folder: root, everything })
        const found = report.findings.filter(({ kind }) => kind === "text").map(({ path }) => path)
        assert.sameMembers(found, [...names.filter((name) => !name.startsWith("ek")), "\ufffd\ufffd"])
        const inNames = report.findings.filter(({ kind }) => kind === "name")
        assert.deepStrictEqual(
          inNames.map(({ key, known, line, path }) => [key, known, line, path.startsWith(`[${idOf(alpha)}]/`)]),
          [[idOf(alpha), true, null, true]]
        )
        assertNoSecret(report)
      }
      const missing = yield* search({ folder: root, paths: [`${stranger}.txt`] })
      assert.strictEqual(missing.complete, false)
      assertNoSecret(missing)
    })
  )

  it.scoped("runs no program that the settings of a repository name", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, "watch.sh", `#!/bin/sh\ntouch "${root}/ran"\n`)
      execFileSync("chmod", ["+x", join(root, "watch.sh")])
      git(root, "config", "core.fsmonitor", join(root, "watch.sh"))
      git(root, "config", "gpg.program", join(root, "watch.sh"))
      git(root, "config", "log.showSignature", "true")
      put(root, "key", alpha)
      git(root, "-c", "core.fsmonitor=false", "add", "key")
      git(root, "-c", "core.fsmonitor=false", "commit", "-q", "-m", "one")
      const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abcd\n -----END PGP SIGNATURE-----"
      put(root, "signed", `${git(root, "cat-file", "commit", "HEAD").replace("\n\n", `\n${signature}\n\n`)}\n`)
      git(root, "update-ref", "HEAD", git(root, "hash-object", "-t", "commit", "-w", "signed"))
      const report = yield* search({ folder: root, history: true })
      assert.deepStrictEqual(
        report.findings.map((finding) => finding.commit),
        [null, git(root, "rev-parse", "HEAD")]
      )
      assert.deepStrictEqual((yield* search({ folder: root, paths: ["ran"] })).files, 0)
    })
  )

  it.scoped("a folder that is not there, or a repository that git refuses, is an error and no empty report", () =>
    Effect.gen(function* () {
      const root = yield* repository
      put(root, ".git/HEAD", "nonsense")
      const refused = yield* Effect.flip(search({ folder: root }))
      assert.strictEqual(refused._tag, "ScanFailed")
      const gone = yield* search({ folder: join(root, "gone") })
      assert.deepStrictEqual([gone.complete, gone.files], [false, 0])
      const bare = yield* Effect.flip(Effect.flatMap(folder, (empty) => search({ folder: empty, history: true })))
      assert.include(bare.message, "history")
    })
  )

  it.scoped("tells how far it is, and stops when it is interrupted", () =>
    Effect.gen(function* () {
      const root = yield* repository
      for (let number = 0; number < 600; number++) put(root, `f${number}`, "x")
      const seen = yield* Ref.make<ReadonlyArray<number>>([])
      yield* search({ folder: root, onProgress: ({ done }) => Ref.update(seen, (all) => [...all, done]) })
      assert.deepStrictEqual(yield* Ref.get(seen), [256, 512, 600])
      const stuck = yield* Effect.fork(search({ folder: root, onProgress: () => Effect.never }))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(stuck)
    })
  )
})
