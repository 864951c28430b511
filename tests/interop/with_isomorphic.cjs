// SPDX-License-Identifier: MIT
//
// isomorphic-git: clones, prints what it reads, commits a file, pushes.  See interop.bats.
//
//   NODE_PATH=... node with_isomorphic.cjs URL DIRECTORY BRANCH PATH FILE

const fs = require('fs')
const path = require('path')
const git = require('isomorphic-git')
const http = require('isomorphic-git/http/node')

async function show(dir, oid, above) {
  const { tree } = await git.readTree({ fs, dir, oid })
  for (const entry of tree) {
    if (entry.type === 'tree') await show(dir, entry.oid, `${above}${entry.path}/`)
    else console.log(`${entry.mode} ${entry.oid} ${above}${entry.path}`)
  }
}

async function main() {
  const [url, dir, branch, filepath, file] = process.argv.slice(2)
  const author = { name: 'isomorphic', email: 'isomorphic@example.net' }
  await git.clone({ fs, http, dir, url, ref: 'main' })
  const head = await git.resolveRef({ fs, dir, ref: 'HEAD' })
  console.log('HEAD', head)
  console.log('commits', (await git.log({ fs, dir, ref: 'HEAD' })).length)
  await show(dir, (await git.readCommit({ fs, dir, oid: head })).commit.tree, '')
  fs.mkdirSync(path.join(dir, path.dirname(filepath)), { recursive: true })
  fs.copyFileSync(file, path.join(dir, filepath))
  await git.add({ fs, dir, filepath })
  const pushed = await git.commit({ fs, dir, author, message: 'by isomorphic-git\n' })
  await git.push({ fs, http, dir, url, ref: 'main', remoteRef: `refs/heads/${branch}` })
  console.log('pushed', pushed)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
