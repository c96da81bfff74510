//! Rust source as tokens, as far as messages need it: strings with what they say, names, and single signs.

use std::iter::Peekable;
use std::str::Chars;

/// A piece of source and the line it begins in, counted from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword or a number.
    Word(String),
    /// A string with its escapes resolved.
    Text(String),
    /// A character, a string of bytes, or a lifetime: nothing a person reads.
    Other,
    Sign(char),
}

impl Token {
    pub(crate) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own == word)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Word(_) | Kind::Other | Kind::Sign(_) => None,
        }
    }

    pub(crate) fn opens(&self) -> bool {
        matches!(self.kind, Kind::Sign('(' | '[' | '{'))
    }

    pub(crate) fn closes(&self) -> bool {
        matches!(self.kind, Kind::Sign(')' | ']' | '}'))
    }
}

/// The tokens of a file without its comments and without `#[cfg(test)] mod … { … }`.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: source.chars().peekable(), line: 1 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token() {
        tokens.push(token);
    }
    without_tests(tokens)
}

/// Where the group ends that opens at `open`: the place of the sign that closes it, or the end.
pub(crate) fn end_of_group(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.opens() {
            depth += 1;
        } else if token.closes() {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at;
            }
        }
    }
    tokens.len()
}

fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if opens_tests(&tokens[at..]) {
            // `# [ cfg ( test ) ] mod NAME {`
            at = end_of_group(&tokens, at + 9) + 1;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn opens_tests(tokens: &[Token]) -> bool {
    tokens.len() > 9
        && tokens[0].is_sign('#')
        && tokens[2].is_word("cfg")
        && tokens[4].is_word("test")
        && tokens[7].is_word("mod")
        && tokens[9].is_sign('{')
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl Lexer<'_> {
    fn next_token(&mut self) -> Option<Token> {
        loop {
            let line = self.line;
            let kind = match self.take()? {
                sign if sign.is_whitespace() => continue,
                '/' if self.rest.peek() == Some(&'/') => {
                    self.skip_line();
                    continue;
                }
                '/' if self.rest.peek() == Some(&'*') => {
                    self.skip_block();
                    continue;
                }
                '"' => Kind::Text(self.string()),
                '\'' => self.character_or_lifetime(),
                sign if is_of_a_word(sign) => self.word_or_prefixed(sign),
                sign => Kind::Sign(sign),
            };
            return Some(Token { line, kind });
        }
    }

    fn take(&mut self) -> Option<char> {
        let sign = self.rest.next();
        if sign == Some('\n') {
            self.line += 1;
        }
        sign
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let is_next = self.rest.peek() == Some(&wanted);
        if is_next {
            self.take();
        }
        is_next
    }

    fn skip_line(&mut self) {
        while self.rest.peek().is_some_and(|sign| *sign != '\n') {
            self.take();
        }
    }

    /// Comments lie in each other.
    fn skip_block(&mut self) {
        self.take();
        let mut depth = 1;
        while depth > 0 {
            match self.take() {
                Some('*') if self.take_if('/') => depth -= 1,
                Some('/') if self.take_if('*') => depth += 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    /// A word, or the string it is the prefix of.
    fn word_or_prefixed(&mut self, first: char) -> Kind {
        let mut word = String::from(first);
        while let Some(sign) = self.rest.peek().copied().filter(|sign| is_of_a_word(*sign)) {
            word.push(sign);
            self.take();
        }
        match (word.as_str(), self.rest.peek()) {
            ("r", Some('"' | '#')) => self.raw_string(),
            ("br" | "cr", Some('"' | '#')) => {
                self.raw_string();
                Kind::Other
            }
            ("b" | "c", Some('"')) => {
                self.take();
                self.string();
                Kind::Other
            }
            ("b", Some('\'')) => {
                self.take();
                self.character_or_lifetime()
            }
            _ => Kind::Word(word),
        }
    }

    /// The rest of `r"…"` and `r#"…"#`; `r#name` is a word.
    fn raw_string(&mut self) -> Kind {
        let mut hashes = 0;
        while self.take_if('#') {
            hashes += 1;
        }
        if !self.take_if('"') {
            return Kind::Word(String::new());
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let mut text = String::new();
        while let Some(sign) = self.take() {
            text.push(sign);
            if text.ends_with(&end) {
                text.truncate(text.len() - end.len());
                break;
            }
        }
        Kind::Text(text)
    }

    fn string(&mut self) -> String {
        let mut text = String::new();
        while let Some(sign) = self.take() {
            match sign {
                '"' => break,
                '\\' => text.extend(self.escaped()),
                sign => text.push(sign),
            }
        }
        text
    }

    /// What stands behind a backslash; a line's end takes the space at the start of the next line with it.
    fn escaped(&mut self) -> Option<char> {
        match self.take()? {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '0' => Some('\0'),
            'x' => {
                let digits: String = (0..2).filter_map(|_| self.take()).collect();
                u8::from_str_radix(&digits, 16).ok().map(char::from)
            }
            'u' => {
                let mut digits = String::new();
                while let Some(sign) = self.take().filter(|sign| *sign != '}') {
                    digits.extend(sign.is_ascii_hexdigit().then_some(sign));
                }
                u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
            }
            '\n' => {
                while self.rest.peek().is_some_and(|sign| sign.is_whitespace()) {
                    self.take();
                }
                None
            }
            sign => Some(sign),
        }
    }

    /// `'a'` and `'\n'` are characters, `'a` is a lifetime.
    fn character_or_lifetime(&mut self) -> Kind {
        if self.take_if('\\') {
            self.escaped();
            self.take_if('\'');
            return Kind::Other;
        }
        let first = self.take();
        if !self.take_if('\'') && first.is_some_and(is_of_a_word) {
            while self.rest.peek().is_some_and(|sign| is_of_a_word(*sign)) {
                self.take();
            }
        }
        Kind::Other
    }
}

fn is_of_a_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        tokens(source).iter().filter_map(|token| token.text().map(str::to_owned)).collect()
    }

    #[test]
    fn strings_say_what_they_say_to_the_compiler() {
        let source = r##"("a\"b", r"c\d", r#"e"f"#, "g\u{2026}\x41\n", "two \
            lines", b"bytes", br#"more"#, c"c")"##;
        assert_eq!(texts(source), ["a\"b", "c\\d", "e\"f", "g…A\n", "two lines"]);
    }

    #[test]
    fn comments_characters_and_lifetimes_hold_no_string() {
        let source = "// \"a\"\n/* \"b\" /* \"c\" */ \"d\" */ ('\"', '\\'', b'\"', '\\u{22}') fn f<'a>(x: &'a str, y: &'static str) \"e\" r#type";
        assert_eq!(texts(source), ["e"]);
    }

    #[test]
    fn tokens_know_their_line_and_tests_are_left_out() {
        let source =
            "f(\n\"a\nb\",\n\"c\")\n#[cfg(test)]\nmod tests {\n    f(\"d\"); { }\n}\n\"e\"";
        let lines: Vec<_> = tokens(source)
            .into_iter()
            .filter(|token| token.text().is_some())
            .map(|token| token.line)
            .collect();
        assert_eq!(
            (texts(source), lines),
            (["a\nb", "c", "e"].map(str::to_owned).to_vec(), vec![2, 4, 9])
        );
    }
}
