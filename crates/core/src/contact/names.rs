use crate::random::Randomness;

const FIRST: &[&str] = &[
    "amber", "autumn", "bold", "brave", "bright", "calm", "clear", "cool", "crimson", "dawn",
    "fresh", "gentle", "golden", "green", "hidden", "late", "lively", "lucky", "misty", "morning",
    "patient", "proud", "quiet", "restless", "shy", "silent", "small", "snowy", "still", "summer",
    "wild", "winter",
];

const SECOND: &[&str] = &[
    "bird",
    "breeze",
    "brook",
    "bush",
    "butterfly",
    "cloud",
    "dew",
    "dream",
    "feather",
    "field",
    "fire",
    "flower",
    "forest",
    "frog",
    "glade",
    "grass",
    "haze",
    "hill",
    "lake",
    "leaf",
    "meadow",
    "moon",
    "mountain",
    "pine",
    "pond",
    "rain",
    "river",
    "sea",
    "snow",
    "star",
    "sun",
    "wave",
];

/// A name for a contact who gave none, such as `misty-sun-417`.
pub(super) fn random(random: &dyn Randomness) -> String {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    let pick = |words: &'static [&'static str], byte: u8| words[usize::from(byte) % words.len()];
    let number = u16::from_le_bytes([bytes[2], bytes[3]]) % 1000;
    format!(
        "{}-{}-{number}",
        pick(FIRST, bytes[0]),
        pick(SECOND, bytes[1])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandomness;

    #[test]
    fn names_are_two_words_and_a_number() {
        let name = random(&SystemRandomness);
        let parts: Vec<&str> = name.split('-').collect();
        assert_eq!(parts.len(), 3, "{name}");
        assert!(FIRST.contains(&parts[0]) && SECOND.contains(&parts[1]));
        assert!(parts[2].parse::<u16>().unwrap() < 1000);
    }
}
