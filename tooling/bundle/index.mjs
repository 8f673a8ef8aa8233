import { chmodSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const packages = fileURLToPath(new URL("../../packages/", import.meta.url))

export const program = (config, { executable } = {}) => {
  const { version } = JSON.parse(readFileSync(new URL("package.json", config), "utf8"))
  return {
    cwd: fileURLToPath(new URL(".", config)),
    platform: "node",
    transform: { define: { KEYSWEEP_VERSION: JSON.stringify(version) } },
    plugins: [workspaceSources, ...(executable === undefined ? [] : [makeExecutable(executable)])]
  }
}

const workspaceSources = {
  name: "workspace-sources",
  resolveId: {
    filter: { id: /^@keysweep\// },
    handler(id) {
      const [, name, ...file] = id.split("/")
      return `${packages}${name}/src/${file.join("/")}.ts`
    }
  }
}

const makeExecutable = (file) => ({
  name: "executable",
  writeBundle: ({ dir = "." }) => chmodSync(join(dir, file), 0o755)
})
