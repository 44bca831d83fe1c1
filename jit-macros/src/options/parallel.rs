//! `parallel(threads = 4, min_len = 1000, chunk = 64, schedule = dynamic)`.

use hotloop_ir::{Parallelism, Schedule};
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::LitInt;

use super::{Problem, duplicate, in_words, skip_to_comma, unknown};

const SETTINGS: [&str; 4] = ["threads", "min_len", "chunk", "schedule"];
const SCHEDULES: [&str; 3] = ["static", "dynamic", "guided"];

/// Reads what is between the parentheses of `parallel(..)`, if there are any.
pub(super) fn parse(arguments: Option<TokenStream>, problems: &mut Vec<Problem>) -> Parallelism {
    let mut parallel = Parallelism::AUTO;
    for (setting, value) in split(arguments.unwrap_or_default(), problems) {
        match setting.to_string().as_str() {
            "threads" => set(&mut parallel.threads, &setting, value, number, problems),
            "min_len" => set(&mut parallel.min_len, &setting, value, number, problems),
            "chunk" => set(&mut parallel.chunk, &setting, value, number, problems),
            "schedule" => set(&mut parallel.schedule, &setting, value, schedule, problems),
            name => problems.push(unknown("setting", name, setting.span(), &SETTINGS)),
        }
    }
    parallel
}

/// Reads the value of a setting.
fn set<V>(
    slot: &mut Option<V>,
    setting: &Ident,
    value: Vec<TokenTree>,
    read: fn(&Ident, &[TokenTree]) -> Result<V, Problem>,
    problems: &mut Vec<Problem>,
) {
    if slot.is_some() {
        problems.push(duplicate(setting));
        return;
    }
    match read(setting, &value) {
        Ok(value) => *slot = Some(value),
        Err(problem) => problems.push(problem),
    }
}

/// A number that is written out and not 0.
fn number<N: std::str::FromStr>(setting: &Ident, value: &[TokenTree]) -> Result<N, Problem>
where
    N::Err: std::fmt::Display,
{
    let example = format!(
        "write it out: `{setting} = 4`; the attribute is read before constants have values"
    );
    let [token, rest @ ..] = value else {
        let message = format!("`{setting}` needs a number");
        return Err(Problem::new(setting.span(), message, example));
    };
    let literal = match syn::parse2::<LitInt>(token.clone().into()) {
        Ok(literal) if rest.is_empty() => literal,
        _ => {
            let message = format!("`{setting}` needs a number");
            return Err(Problem::new(token.span(), message, example));
        }
    };
    let digits = literal.base10_digits();
    if !digits.is_empty() && digits.bytes().all(|digit| digit == b'0') {
        let help = match setting.to_string().as_str() {
            "threads" => "leave it out for all threads of the pool",
            _ => "leave it out, and hotloop decides",
        };
        let message = format!("`{setting}` cannot be 0");
        return Err(Problem::new(token.span(), message, help));
    }
    literal.base10_parse().map_err(|_| {
        let message = format!("`{setting}` is too large");
        Problem::new(token.span(), message, "write a smaller number")
    })
}

fn schedule(setting: &Ident, value: &[TokenTree]) -> Result<Schedule, Problem> {
    let help = || format!("write one of {}", in_words(&SCHEDULES));
    match value {
        [TokenTree::Ident(name)] => Schedule::from_name(&name.to_string())
            .ok_or_else(|| unknown("schedule", &name.to_string(), name.span(), &SCHEDULES)),
        [] => Err(Problem::new(
            setting.span(),
            "`schedule` without a name",
            help(),
        )),
        [token, ..] => Err(Problem::new(token.span(), "this is no schedule", help())),
    }
}

/// Splits `name = value` at the commas. What has another form is a problem, and the list goes on behind the next comma.
fn split(tokens: TokenStream, problems: &mut Vec<Problem>) -> Vec<(Ident, Vec<TokenTree>)> {
    let mut settings = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    let is = |token: &TokenTree, sign: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(name) = token else {
            let help = format!("known are {}, each with a value", in_words(&SETTINGS));
            problems.push(Problem::new(
                token.span(),
                "this is no setting of `parallel`",
                help,
            ));
            skip_to_comma(&mut tokens);
            continue;
        };
        match tokens.peek() {
            Some(token) if is(token, '=') => {
                tokens.next();
            }
            // A name alone: its value is missing, unless the name is wrong, too.
            None => {}
            Some(token) if is(token, ',') => {}
            Some(token) => {
                let message = format!("unexpected token behind `{name}`");
                let help = format!("write `{name} = ` and the value");
                problems.push(Problem::new(token.span(), message, help));
                skip_to_comma(&mut tokens);
                continue;
            }
        }
        let mut value = Vec::new();
        for token in tokens.by_ref() {
            if is(&token, ',') {
                break;
            }
            value.push(token);
        }
        settings.push((name, value));
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(source: &str) -> (Parallelism, Vec<String>) {
        let mut problems = Vec::new();
        let parallel = parse(Some(source.parse().unwrap()), &mut problems);
        let problems = problems
            .iter()
            .map(|problem| format!("{}; {}", problem.message, problem.help))
            .collect();
        (parallel, problems)
    }

    #[test]
    fn settings_have_values() {
        let (parallel, problems) =
            parsed("threads = 4, min_len = 1_000, chunk = 0x40, schedule = static,");
        assert_eq!(problems, [""; 0]);
        assert_eq!((parallel.threads, parallel.min_len), (Some(4), Some(1000)));
        assert_eq!(parallel.chunk, Some(64));
        assert_eq!(parallel.schedule, Some(Schedule::Static));
        assert_eq!(parsed("").0.threads, None);
    }

    #[test]
    fn every_problem_is_reported() {
        let (_, problems) = parsed(
            "thread = 4, threads = 0, threads = N, min_len, chunk(3), chunk = -1, chunk = 2 + 2, 4, \
             schedule = auto, schedule = 3, schedule, threads = 2, threads = 3, threads = 99999999999",
        );
        assert_eq!(
            problems,
            [
                "unexpected token behind `chunk`; write `chunk = ` and the value",
                "this is no setting of `parallel`; known are `threads`, `min_len`, `chunk`, `schedule`, each with a value",
                "unknown setting `thread`; did you mean `threads`?",
                "`threads` cannot be 0; leave it out for all threads of the pool",
                "`threads` needs a number; write it out: `threads = 4`; the attribute is read before constants have values",
                "`min_len` needs a number; write it out: `min_len = 4`; the attribute is read before constants have values",
                "`chunk` needs a number; write it out: `chunk = 4`; the attribute is read before constants have values",
                "`chunk` needs a number; write it out: `chunk = 4`; the attribute is read before constants have values",
                "unknown schedule `auto`; known are `static`, `dynamic`, `guided`",
                "this is no schedule; write one of `static`, `dynamic`, `guided`",
                "`schedule` without a name; write one of `static`, `dynamic`, `guided`",
                "`threads` is given twice; remove one",
                "`threads` is given twice; remove one",
            ]
        );
    }
}
