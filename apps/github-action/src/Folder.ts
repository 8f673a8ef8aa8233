import { isAbsolute, relative, sep } from "node:path"

/** Whether a path is a folder or lies in it. Both absolute; no link is followed. */
export const isInside = (path: string, folder: string): boolean => {
  if (folder === "" || !isAbsolute(path)) return false
  const way = relative(folder, path)
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
