//! `char`: literals, patterns, conversions, digits, methods; as parameters, results and elements.

use hotloop::{JitType, jit};

use crate::harness::compare;

const SEPARATOR: char = ';';
const LETTERS: [char; 3] = ['x', 'é', '\u{10ffff}'];

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Token {
    kind: char,
    at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(u8)]
enum Lexeme {
    Number(u32),
    Letter(char),
    Other,
}

#[jit]
fn kind(c: char) -> (u32, bool, char) {
    let code = match c {
        '0'..='9' => 1,
        'a'..='z' | 'A'..='Z' => 2,
        ' ' | '\t' | '\n' => 3,
        SEPARATOR => 4,
        '\'' | '\\' | '"' => 5,
        '\u{80}'.. => 6,
        _ => 7,
    };
    let next = if c >= 'n' && c != 'z' { c } else { 'n' };
    (code, ('a'..='f').contains(&c), next)
}

#[jit]
fn casts(c: char, b: u8) -> (u32, u8, i64, u64, char, char, u128) {
    let upper = (c as u8).wrapping_add(1) as char;
    (
        c as u32,
        c as u8,
        c as i64,
        u64::from(c),
        upper,
        char::from(b),
        c.into(),
    )
}

#[jit]
fn ascii(c: char) -> ([bool; 8], char, char, bool) {
    let is = [
        c.is_ascii(),
        c.is_ascii_digit(),
        c.is_ascii_hexdigit(),
        c.is_ascii_alphabetic(),
        c.is_ascii_whitespace(),
        c.is_ascii_punctuation(),
        c.is_ascii_control(),
        c.is_ascii_uppercase(),
    ];
    (
        is,
        c.to_ascii_uppercase(),
        c.to_ascii_lowercase(),
        c.eq_ignore_ascii_case(&'K'),
    )
}

#[jit]
fn digits(
    c: char,
    radix: u32,
) -> (
    (
        Option<u32>,
        Option<u32>,
        Option<u32>,
        Option<u32>,
        Option<u32>,
    ),
    bool,
) {
    let found = (
        c.to_digit(2),
        c.to_digit(10),
        c.to_digit(16),
        c.to_digit(36),
        c.to_digit(radix),
    );
    (found, c.is_digit(11))
}

#[jit]
fn from_numbers(n: u32) -> ((Option<char>, Option<char>, Option<char>), Option<char>) {
    let made = (
        char::from_digit(n, 10),
        char::from_digit(n, 16),
        std::char::from_digit(n, 36),
    );
    (made, char::from_u32(n))
}

#[jit]
fn of_std(c: char) -> (bool, bool, usize, char, std::cmp::Ordering, char) {
    (
        c.is_alphabetic(),
        c.is_numeric(),
        c.len_utf8(),
        c.max('m'),
        c.cmp(&'q'),
        LETTERS[c as usize % 3],
    )
}

#[jit]
fn parse(text: &[char], tokens: &mut [Token]) -> Result<u32, char> {
    let mut value = 0_u32;
    let mut n = 0;
    for (at, &c) in text.iter().enumerate() {
        if let Some(d) = c.to_digit(10) {
            value = value * 10 + d;
        } else if c == SEPARATOR {
            continue;
        } else if c.is_ascii_punctuation() {
            tokens[n] = Token { kind: c, at };
            n += 1;
        } else {
            return Err(c);
        }
    }
    Ok(value)
}

#[jit]
fn lex(bytes: &[u8], out: &mut [Lexeme]) -> Option<char> {
    let mut last = None;
    for (i, b) in bytes.iter().enumerate() {
        let c = *b as char;
        out[i] = match c {
            '0'..='9' => Lexeme::Number(c as u32 - '0' as u32),
            _ if c.is_ascii_alphabetic() => Lexeme::Letter(c.to_ascii_lowercase()),
            _ => Lexeme::Other,
        };
        if let Lexeme::Letter(letter) = out[i] {
            last = Some(letter);
        }
    }
    last
}

macro_rules! same {
    ($f:ident($($arg:expr),*)) => {
        compare(
            (),
            |()| format!("{:?}", $f($($arg),*)).into_bytes(),
            |()| format!("{:?}", $f::plain($($arg),*)).into_bytes(),
        );
        assert!(
            !$f::specializations().is_empty(),
            "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined()
        );
    };
}

fn chars() -> impl Iterator<Item = char> {
    ('\0'..='\u{17f}').chain([
        '\u{d7ff}',
        '\u{e000}',
        '\u{fffd}',
        '\u{212a}',
        '\u{1f600}',
        char::MAX,
    ])
}

#[test]
fn chars_agree() {
    for (index, c) in chars().enumerate() {
        same!(kind(c));
        same!(casts(c, index as u8));
        same!(ascii(c));
        same!(of_std(c));
    }
}

#[test]
fn digits_agree() {
    for c in chars() {
        for radix in [2, 10, 36] {
            same!(digits(c, radix));
        }
        same!(from_numbers(c as u32));
    }
    for n in [
        0xd800,
        0xdfff,
        0xe000,
        0x10ffff,
        0x110000,
        u32::MAX,
        9,
        10,
        35,
        36,
    ] {
        same!(from_numbers(n));
    }
    // A radix that is none: std panics.
    same!(digits('7', 37));
}

#[test]
fn slices_agree() {
    for text in ["12;34", "9+1-", "12a", "99999999999", "++++", ""] {
        let text: Vec<char> = text.chars().collect();
        let run = |f: fn(&[char], &mut [Token]) -> Result<u32, char>| {
            let mut tokens = [Token { kind: '?', at: 9 }; 3];
            let result = f(&text, &mut tokens);
            format!("{result:?} {tokens:?}").into_bytes()
        };
        compare((), |()| run(parse), |()| run(parse::plain));
    }
    let run = |f: fn(&[u8], &mut [Lexeme]) -> Option<char>| {
        let mut out = [Lexeme::Other; 9];
        let last = f(b"1a Z9\xe9.7", &mut out);
        format!("{last:?} {out:?}").into_bytes()
    };
    compare((), |()| run(lex), |()| run(lex::plain));
    assert!(!parse::specializations().is_empty());
    assert!(!lex::specializations().is_empty());
}

// Ranges, in which the surrogates are left out.

#[jit]
fn letters(n: u32, seen: &mut [char]) -> u32 {
    let mut sum = 0;
    for c in 'a'..='z' {
        if c as u32 % 7 == n % 7 {
            seen[sum] = c;
            sum += 1;
        }
    }
    for _ in '0'..'9' {
        sum += 1;
    }
    sum as u32
}

#[jit]
fn between(first: char, last: char) -> (u32, u32, usize, Option<char>, Option<char>) {
    let (mut up, mut down) = (0u32, 0u32);
    for c in first..last {
        up = up.wrapping_mul(31).wrapping_add(c as u32);
    }
    for mut c in (first..=last).rev().step_by(3) {
        if c == 'x' {
            c = 'y';
        }
        down = down.wrapping_mul(31).wrapping_add(c as u32);
    }
    let range = first..=last;
    let digits = range.clone().filter(|c| c.is_ascii_digit()).count();
    let mut items = range;
    items.next();
    (up, down, digits, items.nth(2), items.next_back())
}

#[jit]
fn pipelines(
    first: char,
    last: char,
    data: &[u8],
) -> (u32, bool, u32, Option<usize>, Option<char>) {
    let hash = (first..last)
        .map(|c| c as u32)
        .fold(1, |hash: u32, c| hash.wrapping_mul(33) ^ c);
    let zipped = (first..=char::MAX)
        .zip(data)
        .map(|(c, byte)| c as u32 ^ u32::from(*byte))
        .sum();
    let at = (first..=last).position(|c| c == '\u{e001}');
    let greatest = (first..last).step_by(2).max();
    (hash, (first..last).contains(&'m'), zipped, at, greatest)
}

#[test]
fn ranges_agree() {
    for n in 0..7 {
        same!(letters(n, &mut ['?'; 26]));
        same!(letters(n, &mut ['?'; 2]));
    }
    let ends = [
        '\0',
        '0',
        'a',
        'x',
        '\u{d7fe}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{e002}',
        '\u{10fffe}',
        char::MAX,
    ];
    for first in ends {
        for last in ends {
            if (last as u32).abs_diff(first as u32) > 0x1000 {
                continue;
            }
            same!(between(first, last));
            same!(pipelines(first, last, &[1, 2, 3, 200]));
        }
    }
    assert!(!letters::specializations().is_empty());
    assert!(
        !between::specializations().is_empty(),
        "{:?}",
        between::declined()
    );
    assert!(
        !pipelines::specializations().is_empty(),
        "{:?}",
        pipelines::declined()
    );
}
