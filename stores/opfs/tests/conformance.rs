//! The store passes the kit over a file of this machine; the tier `browser` runs it over a browser's.

use std::process::ExitCode;
use std::sync::Arc;

use myrhiza_kernel_api::{Registration, StoreError, register};
use myrhiza_store_kit::{Medium, conformance};
use myrhiza_store_opfs::{NAME, OpfsStore, file};
use redb::backends::FileBackend;

register!(Registration::Store {
    name: NAME,
    open: |config| {
        let no_folder = || StoreError::Config { store: NAME, why: "it needs a folder".into() };
        let file = config.path.as_ref().ok_or_else(no_folder)?.join("store.redb");
        let open = move || {
            let mut options = std::fs::File::options();
            let options = options.read(true).write(true).create(true).truncate(false);
            file::open(FileBackend::new(options.open(&file)?)?)
        };
        Ok(Arc::new(OpfsStore::open(open, config.keyspaces)?))
    },
});

fn main() -> ExitCode {
    conformance(NAME, Medium::Folder)
}
