// The book collection example with its service in C++, in a browser.
import { testBooks } from './books.mjs';

testBooks('the book collection of the C++ service in two windows', 'book-collection-cpp', 'book_collection_service');
