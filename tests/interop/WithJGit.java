// SPDX-License-Identifier: MIT
//
// JGit: clones, prints what it reads, commits a file, pushes.  See interop.bats.
//
//   java -cp ... WithJGit.java URL DIRECTORY BRANCH PATH FILE

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.PushResult;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.RemoteRefUpdate;
import org.eclipse.jgit.treewalk.TreeWalk;

class WithJGit {
	static void show(Git git) throws Exception {
		ObjectId head = git.getRepository().resolve("HEAD");
		int commits = 0;
		System.out.println("HEAD " + head.name());
		for (RevCommit commit : git.log().call())
			commits++;
		System.out.println("commits " + commits);
		try (RevWalk revisions = new RevWalk(git.getRepository());
		     TreeWalk walk = new TreeWalk(git.getRepository())) {
			walk.addTree(revisions.parseCommit(head).getTree());
			walk.setRecursive(true);
			while (walk.next())
				System.out.printf("%06o %s %s%n", walk.getRawMode(0), walk.getObjectId(0).name(),
						walk.getPathString());
		}
	}

	public static void main(String[] words) throws Exception {
		Path place = Path.of(words[1], words[3]);
		PersonIdent who = new PersonIdent("jgit", "jgit@example.net");
		try (Git git = Git.cloneRepository().setURI(words[0]).setDirectory(new File(words[1])).call()) {
			show(git);
			Files.createDirectories(place.getParent());
			Files.copy(Path.of(words[4]), place);
			git.add().addFilepattern(words[3]).call();
			RevCommit pushed = git.commit().setAuthor(who).setCommitter(who).setMessage("by JGit\n").call();
			for (PushResult result : git.push().setRefSpecs(new RefSpec("HEAD:refs/heads/" + words[2])).call())
				for (RemoteRefUpdate update : result.getRemoteUpdates())
					if (update.getStatus() != RemoteRefUpdate.Status.OK)
						throw new Exception(update.toString());
			System.out.println("pushed " + pushed.name());
		}
	}
}
