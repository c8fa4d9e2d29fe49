//! Addresses to sign in with.

const LONGEST: usize = 254;

/// The one spelling under which an address is kept and looked up; None when it is no address.
pub fn normal(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.rsplit_once('@')?;
    let plain = |part: &str| {
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '@';
        !part.is_empty() && !part.contains(odd)
    };
    (email.len() <= LONGEST && plain(name) && plain(host)).then_some(email)
}
