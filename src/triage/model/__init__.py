"""What the words of a policy and of a request mean: facts, countries, periods, conditions, rules.

Stands on: messages, formats.

Face:

    conditions: Among, Holds, Partial, State, Test
    countries: CODES, from_code, is_certain, name, resolve, spellings
    derived: DERIVED, Derivation, DerivedFact, REGION, STRATEGY, concluded_behind, sources_of,
        with_settings, worked_out
    effects: EFFECTS, Effect, EffectShape, effects_of, merged
    facts: COUNTRIES, DEFAULT_RANGES, Determination, Fact, Kind, Origin, Request, Unresolved,
        content_id
    operators: OPERATORS, Operator, operators_of
    periods: CALENDAR, PER, Period, ROLLING, Span, calendar_span, rolling_span
    phrases: Lexicon, Match, PHRASE_LISTS, TermPhrases, exact_phrase, is_phrase, longest,
        parse_phrase
    policy: Basis, Cap, Change, Clause, Condition, Criterion, DatedValue, Effects, FactText,
        Indicator, Limit, Parameter, Policy, RANKED, RECOMMENDATION_MESSAGES, Recommendation,
        Reference, Region, Rule, SLOT, SourceDocument, Statement, Strategy, Suspension, Term,
        Text, Vocabulary, Where
    program: COUNTRY_WORDS, EFFORTS, LIMIT_BY, LIMIT_MEASURES, MAX_COMBINATIONS, PROGRAM_FACTS,
        PROGRAM_FLAGS, PROGRAM_TERMS, RANGES, READING, READING_TERMS, REQUIRED_CONCLUDED,
        REQUIRED_PARAMETERS, UNREAD
    words: SMALL_WORDS, Words, plain, stem
    workdays: day_number, last_day, length, nearest
"""
