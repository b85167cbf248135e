; What the reader of Python looks at, by the kind of thing it is. Everything else is passed over.

(import_statement) @import
(import_from_statement) @import
(assignment) @assignment
(named_expression) @assignment
(call) @call
(subscript) @subscript
(boolean_operator) @choice
(comparison_operator) @comparison
(string) @text
(concatenated_string) @text
(binary_operator operator: ["+" "%"]) @text
(dictionary) @object
(tuple) @listed
(list) @listed
(function_definition) @function
(class_definition) @class
(raise_statement) @end
[(if_statement) (conditional_expression) (boolean_operator) (case_clause)] @condition
(try_statement) @try
(with_statement) @with
(assert_statement) @assertion
[(for_statement) (for_in_clause)] @loop
(while_statement) @while
[(break_statement) (return_statement)] @leaving
(attribute attribute: (identifier) @word)

; A string that is a statement of its own says something to people.
(expression_statement . [(string) (concatenated_string)] @documentation .)
