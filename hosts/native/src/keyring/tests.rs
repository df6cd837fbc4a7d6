//! Over the mock of the keyring's own crate; a real one is in `tests/e2e`.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::Error;
use keyring_core::api::CredentialStoreApi as _;
use keyring_core::mock::{Cred, Store};

use super::system::Entries;
use super::*;

fn keyring() -> (Entries, Arc<Store>) {
    let store = Store::new().unwrap();
    (Entries { store: store.clone(), more: HashMap::new() }, store)
}

/// Has the next call for that name end so.
fn fail(store: &Store, name: &str, error: Error) {
    let entry = store.build("myrhiza", name, None).unwrap();
    entry.as_any().downcast_ref::<Cred>().unwrap().set_error(error);
}

fn secret(words: &str) -> Passphrase {
    words.to_owned().into()
}

/// [HOME-7]
#[test]
fn what_is_put_there_is_had_again_until_it_is_removed() {
    let (keyring, _) = keyring();
    assert!(keyring.get("home").unwrap_err().next.contains("passwd --keyring"));
    keyring.put("home", &secret("old")).unwrap();
    keyring.put("home", &secret("grüße 世界")).unwrap();
    keyring.put("other", &secret("another")).unwrap();
    assert_eq!(keyring.get("home").unwrap(), secret("grüße 世界"));
    keyring.remove("home").unwrap();
    assert!(keyring.get("home").is_err());
    keyring.remove("home").unwrap();
}

#[test]
fn a_keyring_that_refuses_is_told_with_the_next_step_and_without_the_secret() {
    let (keyring, store) = keyring();
    let locked = || Error::NoStorageAccess("the prompt was dismissed".into());
    fail(&store, "home", locked());
    let refusal = keyring.put("home", &secret("hush")).unwrap_err();
    assert_eq!(refusal.cause, "it is locked: the prompt was dismissed");
    assert!(refusal.next.contains("unlock it"));
    assert!(keyring.get("home").is_err(), "nothing was put there");
    for error in [
        locked(),
        Error::PlatformFailure("the bus is gone".into()),
        Error::BadEncoding(b"hush".to_vec()),
        Error::NoEntry,
    ] {
        fail(&store, "home", error);
        let refusal = keyring.get("home").unwrap_err();
        assert!(!refusal.cause.contains("hush") && !refusal.next.is_empty(), "{refusal:?}");
    }
    fail(&store, "home", locked());
    assert!(keyring.remove("home").is_err());
}

#[test]
fn a_keyring_that_does_not_answer_is_not_waited_for_for_ever() {
    let (hold, held) = mpsc::channel::<()>();
    let silent = in_time(Duration::from_millis(1), move || {
        let _ = held.recv();
        Ok(())
    });
    assert!(silent.unwrap_err().cause.contains("did not answer"));
    drop(hold);
    assert_eq!(in_time(PATIENCE, || Ok(7)), Ok(7));
}
