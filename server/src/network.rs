//! Whether a folder lies on this machine: SQLite's log is shared by way of memory, and a network's file systems lock as they please.

use std::path::Path;

use anyhow::{Result, bail};

/// What lies under a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Under {
    /// A disk of this machine, as far as one can see.
    Disk,
    /// A file system that other machines serve or share.
    Network(&'static str),
    /// One that may lie anywhere: what is mounted through it decides.
    Unknown(&'static str),
}

/// Refuses a folder for a SQLite file that lies on a network, and warns of one that may.
pub(crate) fn refuse(folder: &Path) -> Result<()> {
    let shown = folder.display();
    match magic(folder).map_or(Under::Disk, under) {
        Under::Disk => Ok(()),
        Under::Network(name) => bail!(
            "{shown} lies on {name}, where a SQLite file is damaged sooner or later: keep the workspace on a disk of this machine, or in PostgreSQL"
        ),
        Under::Unknown(name) => {
            tracing::warn!(
                "{shown} lies on {name}: if that is a disk of another machine, keep the workspace elsewhere, since a SQLite file is damaged there"
            );
            Ok(())
        }
    }
}

/// Whoever opens the file says why its folder cannot be looked at.
#[cfg(target_os = "linux")]
fn magic(folder: &Path) -> Option<i64> {
    rustix::fs::statfs(folder).ok().map(|found| found.f_type)
}

#[cfg(not(target_os = "linux"))]
fn magic(_: &Path) -> Option<i64> {
    None
}

/// By the numbers that `statfs(2)` and the headers of the Linux kernel list.
fn under(magic: i64) -> Under {
    match magic & 0xffff_ffff {
        0x6969 => Under::Network("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Under::Network("SMB"),
        0x5346_414f | 0x6b41_4653 => Under::Network("AFS"),
        0x7375_7245 => Under::Network("Coda"),
        0x00c3_6400 => Under::Network("CephFS"),
        0x0bd0_0bd0 => Under::Network("Lustre"),
        0x564c => Under::Network("NCP"),
        0x0116_1970 => Under::Network("GFS2"),
        0x7461_636f => Under::Network("OCFS2"),
        0x6573_5546 => Under::Unknown("FUSE"),
        0x0102_1997 => Under::Unknown("9P"),
        0xbacb_acbc => Under::Unknown("a folder shared by VMware"),
        0x786f_4256 => Under::Unknown("a folder shared by VirtualBox"),
        _ => Under::Disk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_told_from_a_disk() {
        // ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS, F2FS.
        let disks =
            [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1, 0xf2f5_2010];
        for disk in disks {
            assert_eq!(under(disk), Under::Disk, "{disk:#x}");
        }
        for (magic, name) in [(0x6969, "NFS"), (0xff53_4d42, "SMB"), (0x00c3_6400, "CephFS")] {
            assert_eq!(under(magic), Under::Network(name));
        }
        // A number of 32 bits, widened as if it had a sign.
        assert_eq!(under(0xfe53_4d42_u32.cast_signed().into()), Under::Network("SMB"));
        assert_eq!(under(0x6573_5546), Under::Unknown("FUSE"));
    }

    #[test]
    fn a_folder_of_this_machine_is_taken() {
        refuse(tempfile::tempdir().unwrap().path()).unwrap();
    }
}
