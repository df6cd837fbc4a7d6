//! What nodes hold among each other: see each test's name.

mod attacker;
mod authors;
mod bundles;
mod drift;
mod drive;
mod faults;
mod heavy;
mod hostile;
mod late;
mod live;
mod luck;
mod net;
mod overlay;
mod parts;
mod slow;
mod standing;
