//! What the operator relies on: ceilings, full disks, backups, erasure.

mod backup;
mod disk;
mod erasure;
mod overload;
