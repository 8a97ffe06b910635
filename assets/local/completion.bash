# For a bash without the package bash-completion: what the script below asks of it.
if ! declare -F _get_comp_words_by_ref >/dev/null; then
  # shellcheck disable=SC2034 # The caller's variables.
  _get_comp_words_by_ref() {
    cword=$COMP_CWORD
    words=("${COMP_WORDS[@]}")
    cur=${words[cword]}
    prev=${words[cword - 1]}
  }
fi
