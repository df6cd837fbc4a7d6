//! How a person's other home comes by its certificate: it asks with its scope, and the home that has
//! the long-term key answers. Both texts are public; what they bind is signed.

use myrhiza_kernel_api::limits::NAME_BYTES;
use myrhiza_kernel_api::{PublicKey, Signature};

use super::{Certificate, NameTooLong, ScopeKind, SecretKey, SignatureError, verify};
use crate::armour::{Armour, ArmourError};
use crate::codec::{Canonical, CodecError, Reader, Writer};
use crate::hash::Context;

const REQUEST: Armour = armour("myrrequest");
const ANSWER: Armour = armour("myranswer");

const fn armour(prefix: &'static str) -> Armour {
    Armour { prefix, checksum: Context::DeviceChecksum, max_bytes: 512 }
}

/// A device asks to be certified. That it signs shows that whoever asks has its key.
///
/// Layout: `[[1, scope, name], signature]`; signed, by the scope, is the inner array. As text:
/// `myrrequest1`, then as a ticket's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRequest {
    scope: PublicKey,
    name: String,
    signature: Signature,
}

/// A person's answer: the certificate, and with it who they are.
///
/// Layout: `[1, certificate]`. As text: `myranswer1`, then as a ticket's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAnswer {
    certificate: Certificate,
}

/// Why a text is no request, or no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceTextError {
    /// It is something else.
    #[error("this is not {what}: that starts with `{prefix}1`")]
    Prefix {
        /// What was to be read, with its article.
        what: &'static str,
        /// How that starts.
        prefix: &'static str,
    },
    /// It has characters that such texts do not have, or was changed or cut off.
    #[error("{what} is misspelled or cut off: copy it again, whole")]
    Damaged {
        /// What was to be read, with its article.
        what: &'static str,
    },
    /// It is not encoded as one.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A signature in it is not by the key it names.
    #[error("it is forged: {0}")]
    Forged(#[from] SignatureError),
    /// The certificate of an answer is not a device's.
    #[error("its certificate is not a device's")]
    Kind,
}

impl DeviceRequest {
    /// Asks for a device key. `name` is what the device calls itself ("laptop").
    ///
    /// # Errors
    /// [`NameTooLong`]
    pub fn sign(device: &SecretKey, name: &str) -> Result<Self, NameTooLong> {
        let (scope, name) = (device.public(), name.to_owned());
        if name.len() > NAME_BYTES {
            return Err(NameTooLong { name });
        }
        let statement = statement(scope, &name);
        let signature = device.sign(Context::DeviceRequestSignature, &[&statement]);
        Ok(Self { scope, name, signature })
    }

    /// The device's key.
    pub const fn scope(&self) -> PublicKey {
        self.scope
    }

    /// What it calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text to bring to the home that has the long-term key.
    pub fn to_text(&self) -> String {
        REQUEST.to_text(self.to_bytes()).to_string()
    }

    /// Reads a request and checks its signature.
    ///
    /// # Errors
    /// [`DeviceTextError`]
    pub fn parse(text: &str) -> Result<Self, DeviceTextError> {
        let request: Self = parse(&REQUEST, text)?;
        let statement = statement(request.scope, &request.name);
        let context = Context::DeviceRequestSignature;
        verify(&request.scope, context, &[&statement], &request.signature)?;
        Ok(request)
    }
}

impl DeviceAnswer {
    /// The answer of the person who issued the certificate.
    pub const fn new(certificate: Certificate) -> Self {
        Self { certificate }
    }

    /// The certificate.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The text to bring back to the device.
    pub fn to_text(&self) -> String {
        ANSWER.to_text(self.to_bytes()).to_string()
    }

    /// Reads an answer and checks its certificate. Whether it is for the device that asked is for that
    /// to say.
    ///
    /// # Errors
    /// [`DeviceTextError`]
    pub fn parse(text: &str) -> Result<Self, DeviceTextError> {
        let answer: Self = parse(&ANSWER, text)?;
        answer.certificate.verify()?;
        match answer.certificate.kind() {
            ScopeKind::Device => Ok(answer),
            ScopeKind::Behavior => Err(DeviceTextError::Kind),
        }
    }
}

fn statement(scope: PublicKey, name: &str) -> Vec<u8> {
    let mut w = Writer::new();
    w.array(3).u64(1).bytes(scope).text(name);
    w.into_bytes()
}

fn parse<T: Canonical>(armour: &Armour, text: &str) -> Result<T, DeviceTextError> {
    let (what, prefix) = (T::WHAT, armour.prefix);
    let bytes = armour.read(text).map_err(|error| match error {
        ArmourError::Prefix => DeviceTextError::Prefix { what, prefix },
        ArmourError::Damaged => DeviceTextError::Damaged { what },
    })?;
    Ok(T::from_bytes(&bytes)?)
}

impl Canonical for DeviceRequest {
    const WHAT: &'static str = "a device's request";
    const MAX_BYTES: usize = 256;

    fn write(&self, w: &mut Writer) {
        w.array(2).raw(&statement(self.scope, &self.name)).bytes(self.signature);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.fields("request", 2)?;
        r.versioned("request statement", 1, 3)?;
        let scope = PublicKey(r.fixed("scope")?);
        let name = r.text("name", NAME_BYTES)?.to_owned();
        Ok(Self { scope, name, signature: Signature(r.fixed("signature")?) })
    }
}

impl Canonical for DeviceAnswer {
    const WHAT: &'static str = "an answer to a device";
    const MAX_BYTES: usize = Certificate::MAX_BYTES + 16;

    fn write(&self, w: &mut Writer) {
        w.array(2).u64(1);
        self.certificate.write(w);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, CodecError> {
        r.versioned("answer", 1, 2)?;
        Ok(Self { certificate: Certificate::read(r)? })
    }
}
