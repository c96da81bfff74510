//! A small disk under a folder, which a test can fill.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The disk; it is taken away when it is dropped, with all that is on it.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Puts a disk of so many MiB under a folder that nobody uses; what is in it goes along. `None` without the right to do so.
    pub fn under(folder: &Path, size: u32) -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let aside = tempfile::tempdir()?;
        copy(folder, aside.path())?;
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}m,mode=0700"), "tmpfs"])
            .arg(folder))?;
        let disk = Self { folder: folder.to_owned() };
        copy(aside.path(), folder)?;
        Ok(Some(disk))
    }

    /// Leaves no room on it.
    pub fn fill(&self) -> Result<()> {
        let mut file = File::create(self.filling())?;
        // The last piece is written as far as there is room.
        loop {
            match file.write(&[0; 4_096]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Gives the room back.
    pub fn clear(&self) -> Result<()> {
        Ok(fs::remove_file(self.filling())?)
    }

    fn filling(&self) -> PathBuf {
        self.folder.join("filling")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Also while somebody is still there: it is gone once they are.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    run(Command::new("cp").arg("-a").arg(from.join(".")).arg(to))
}

fn run(command: &mut Command) -> Result<()> {
    let ended = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(ended.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ended.stderr));
    Ok(())
}
