import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { assert, it } from "vitest"
import { parsePage } from "../src/Page.ts"
import { pages, root } from "../src/Pages.ts"

it.each(pages(/\.md$/))("every link inside the repository leads somewhere: %s", (path) => {
  const broken = parsePage(readFileSync(join(root, path), "utf8"))
    .links.filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target))
    .flatMap(({ line, target }) => {
      const [file = "", anchor] = target.split("#")
      const absolute = file === "" ? join(root, path) : join(root, file.startsWith("/") ? "." : dirname(path), file)
      if (!existsSync(absolute)) return [`line ${line}: no ${relative(root, absolute)}`]
      if (anchor === undefined || !absolute.endsWith(".md")) return []
      return parsePage(readFileSync(absolute, "utf8")).anchors.has(anchor)
        ? []
        : [`line ${line}: no heading #${anchor}`]
    })
  assert.strictEqual(broken.join("\n"), "")
})

it.each(pages(/\.md$/))("every script that a page calls exists: %s", (path) => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const known = new Set([...Object.keys(scripts), "install", "changeset", "exec", "run"])
  const called = [...readFileSync(join(root, path), "utf8").matchAll(/\bpnpm(?:@[\d.]+\d)? (?:run )?([a-z][\w:]*)/g)]
  assert.deepStrictEqual(
    called.map(([, script = ""]) => script).filter((script) => !known.has(script)),
    []
  )
})
