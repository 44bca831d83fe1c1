//! Format strings: which arguments they name.

/// An argument that a format string names, by its name or its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name or number.
    pub name: String,
    /// Whether it is a width or a precision, a `usize`.
    pub is_count: bool,
}

/// The arguments that a format string names, each once, in order of appearance. What is not well-formed rustc reports.
pub fn captures(text: &str) -> Vec<Use> {
    let mut found: Vec<Use> = Vec::new();
    let mut note = |name: &str, is_count: bool| {
        let name = name.trim();
        if !name.is_empty() && !found.iter().any(|known| known.name == name) {
            let name = name.to_owned();
            found.push(Use { name, is_count });
        }
    };
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            rest = after;
            continue;
        }
        let Some(end) = rest.find('}') else {
            break;
        };
        let (name, spec) = match rest[..end].split_once(':') {
            Some((name, spec)) => (name, spec),
            None => (&rest[..end], ""),
        };
        rest = &rest[end + 1..];
        note(name, false);
        // `width$` and `.precision$`.
        for count in spec.split('$').take(spec.matches('$').count()) {
            let start = count
                .char_indices()
                .rev()
                .take_while(|(_, c)| c.is_alphanumeric() || *c == '_')
                .last()
                .map_or(count.len(), |(index, _)| index);
            note(count[start..].trim_start_matches('0'), true);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_order() {
        let uses = captures("{{x}} {} {x:?} {0} {y:>w$.p$e} {x} {:+08.3}");
        let names: Vec<_> = (uses.iter())
            .map(|found| (found.name.as_str(), found.is_count))
            .collect();
        assert_eq!(
            names,
            [
                ("x", false),
                ("0", false),
                ("y", false),
                ("w", true),
                ("p", true)
            ]
        );
    }

    #[test]
    fn damaged_strings_name_nothing() {
        assert_eq!(captures("{"), []);
        assert_eq!(captures("}{:"), []);
        assert_eq!(captures(""), []);
    }
}
