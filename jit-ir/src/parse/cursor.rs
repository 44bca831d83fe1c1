//! The characters of the text, and the words and numbers in it.

use super::ParseError;
use crate::span::Span;
use crate::text::{is_name_part, is_name_start};

/// A place in the text. Every method that reads skips white space and `//` comments first, except where it says that
/// it does not.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    rest: &'t str,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Cursor {
            rest: text,
            line: 1,
            column: 1,
        }
    }

    fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        if c == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        Some(c)
    }

    fn bump_while(&mut self, mut holds: impl FnMut(char) -> bool) -> &'t str {
        let before = self.rest;
        while self.rest.chars().next().is_some_and(&mut holds) {
            self.bump();
        }
        &before[..before.len() - self.rest.len()]
    }

    fn skip_space(&mut self) {
        loop {
            self.bump_while(char::is_whitespace);
            if !self.rest.starts_with("//") {
                return;
            }
            self.bump_while(|c| c != '\n');
        }
    }

    /// Where the next word starts.
    pub(super) fn position(&mut self) -> Span {
        self.skip_space();
        Span::new(self.line, self.column)
    }

    pub(super) fn error(&mut self, message: impl Into<String>) -> ParseError {
        let Span { line, column, .. } = self.position();
        ParseError {
            line,
            column,
            message: message.into(),
        }
    }

    pub(super) fn is_at_end(&mut self) -> bool {
        self.skip_space();
        self.rest.is_empty()
    }

    /// Whether the text goes on with exactly this.
    pub(super) fn peek(&mut self, symbol: &str) -> bool {
        self.skip_space();
        self.rest.starts_with(symbol)
    }

    /// Whether the text goes on with exactly this, without white space before it.
    pub(super) fn peek_here(&self, symbol: &str) -> bool {
        self.rest.starts_with(symbol)
    }

    /// The next character but one, if the next is `first`.
    pub(super) fn peek_after(&mut self, first: char) -> Option<char> {
        self.skip_space();
        self.rest.strip_prefix(first)?.chars().next()
    }

    /// Reads exactly this, if the text goes on with it.
    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.peek(symbol);
        if found {
            for _ in symbol.chars() {
                self.bump();
            }
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), ParseError> {
        if self.eat(symbol) {
            Ok(())
        } else {
            Err(self.error(format!("expected `{symbol}`")))
        }
    }

    /// The next word, without reading it; empty if there is none.
    pub(super) fn peek_word(&mut self) -> &'t str {
        self.clone().word()
    }

    /// Reads a word: a name or keyword; empty if there is none.
    pub(super) fn word(&mut self) -> &'t str {
        self.skip_space();
        let mut is_first = true;
        self.bump_while(|c| {
            let first = std::mem::replace(&mut is_first, false);
            if first {
                is_name_start(c)
            } else {
                is_name_part(c)
            }
        })
    }

    /// Reads this word, if it is the next one.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == word;
        if found {
            self.word();
        }
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), ParseError> {
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(self.error(format!("expected `{word}`")))
        }
    }

    /// Whether a digit comes next.
    pub(super) fn peek_digit(&mut self) -> bool {
        self.skip_space();
        self.rest.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Reads a decimal number.
    pub(super) fn number(&mut self) -> Result<u32, ParseError> {
        self.decimal("expected a number below 2^32")
    }

    /// Reads a decimal number of 64 bits.
    pub(super) fn number_u64(&mut self) -> Result<u64, ParseError> {
        self.decimal("expected a number below 2^64")
    }

    fn decimal<T: std::str::FromStr>(&mut self, message: &str) -> Result<T, ParseError> {
        let at = self.clone();
        self.skip_space();
        let digits = self.bump_while(|c| c.is_ascii_digit());
        match digits.parse() {
            Ok(number) => Ok(number),
            Err(_) => {
                *self = at;
                Err(self.error(message))
            }
        }
    }

    /// Reads `0x1f`.
    pub(super) fn hex_number(&mut self) -> Result<u128, ParseError> {
        let at = self.clone();
        if self.eat("0x") {
            let digits = self.bump_while(|c| c.is_ascii_hexdigit());
            if let Ok(number) = u128::from_str_radix(digits, 16) {
                return Ok(number);
            }
        }
        *self = at;
        Err(self.error("expected a hexadecimal number of at most 128 bits"))
    }

    /// Reads the digits of a literal, `-1.5e-7`, and the type behind it, `f32`.
    pub(super) fn literal(&mut self) -> (&'t str, &'t str) {
        self.skip_space();
        let start = self.rest;
        if self.rest.starts_with('-') {
            self.bump();
        }
        self.bump_while(|c| c.is_ascii_digit());
        let mut after_point = self.rest.chars().skip(1);
        if self.rest.starts_with('.') && after_point.next().is_some_and(|c| c.is_ascii_digit()) {
            self.bump();
            self.bump_while(|c| c.is_ascii_digit());
        }
        if self.rest.starts_with('e') {
            self.bump();
            if self.rest.starts_with('-') {
                self.bump();
            }
            self.bump_while(|c| c.is_ascii_digit());
        }
        let digits = &start[..start.len() - self.rest.len()];
        (digits, self.bump_while(is_name_part))
    }

    /// Reads text in quotes.
    pub(super) fn quoted(&mut self) -> Result<String, ParseError> {
        self.expect("\"")?;
        let mut out = String::new();
        loop {
            match self.bump() {
                None => return Err(self.error("a text that does not end")),
                Some('"') => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                Some(c) => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        match self.bump() {
            Some(c @ ('"' | '\\')) => return Ok(c),
            Some('u') if self.rest.starts_with('{') => {
                self.bump();
                let digits = self.bump_while(|c| c.is_ascii_hexdigit());
                let c = u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                if let Some(c) = c
                    && self.bump() == Some('}')
                {
                    return Ok(c);
                }
            }
            _ => {}
        }
        Err(self.error("an unknown escape; `\\\\`, `\\\"` and `\\u{..}` are known"))
    }
}
